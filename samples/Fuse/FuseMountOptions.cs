namespace VMSeed.Fuse;

/// <summary>How a mount behaves. Checked as a whole when mounting.</summary>
public sealed class FuseMountOptions
{
    private const int MinTransfer = 4 * 1024;
    private const int MaxTransfer = 1024 * 1024;
    private const int MaxThreads = 64;
    private const int MaxBuffers = 4096;
    private const int MaxReadAhead = 64 * 1024 * 1024;

    /// <summary>What the first column of mount(8) and df(1) shows.</summary>
    /// <value>By default "vmseed"; 1 to 64 characters without comma, backslash and white
    /// space.</value>
    public string Source { get; init; } = "vmseed";

    /// <summary>Whether users other than the mounting one may enter, root and QEMU's user among
    /// them.</summary>
    /// <value>By default false. For anybody but root, /etc/fuse.conf must hold
    /// user_allow_other.</value>
    public bool AllowOther { get; init; }

    /// <summary>How many threads take requests from the kernel.</summary>
    /// <value>By default one a processor, from 2 to 8: a request that is slow occupies
    /// none.</value>
    public int ReaderThreads { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>The longest read that one request may ask for, in bytes.</summary>
    /// <value>By default 1 MiB, the kernel's own limit; a multiple of 4 KiB from 4 KiB on.</value>
    public int TransferLength { get; init; } = MaxTransfer;

    /// <summary>How many requests may be waiting for their file at once. Further ones wait without
    /// a
    /// buffer. Each costs a buffer of <see cref="TransferLength"/> once it has been used.</summary>
    /// <value>By default 64; 1 to 4096.</value>
    public int RequestsInFlight { get; init; } = 64;

    /// <summary>How far the kernel reads ahead of a sequential reader, in bytes. Only root can
    /// raise it over
    /// the kernel's default of 128 KiB.</summary>
    /// <value>By default 1 MiB; 0 to 64 MiB.</value>
    public int ReadAheadLength { get; init; } = MaxTransfer;

    /// <summary>The clock of time stamps and waits.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Whether to mount through fusermount3 even as root.</summary>
    internal bool ForceHelperProgram { get; init; }

    internal void Validate()
    {
        List<string> faults = [];
        if (Source.Length is 0 or > 64 || Source.Any(c => c is ',' or '\\' || char.IsWhiteSpace(c)))
        {
            faults.Add($"Source '{Source}' must be 1 to 64 characters, no comma or white space");
        }

        Check(faults, nameof(ReaderThreads), ReaderThreads, 1, MaxThreads);
        Check(faults, nameof(TransferLength), TransferLength, MinTransfer, MaxTransfer);
        Check(faults, nameof(RequestsInFlight), RequestsInFlight, 1, MaxBuffers);
        Check(faults, nameof(ReadAheadLength), ReadAheadLength, 0, MaxReadAhead);
        if (TransferLength % MinTransfer != 0)
        {
            faults.Add($"TransferLength {TransferLength} must be a multiple of {MinTransfer}");
        }

        if (faults.Count > 0) { throw new ArgumentException(string.Join("; ", faults) + "."); }
    }

    private static void Check(List<string> faults, string name, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            faults.Add($"{name} {value} must be from {least} to {most}");
        }
    }
}
