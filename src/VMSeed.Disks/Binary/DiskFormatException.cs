namespace VMSeed.Disks.Binary;

/// <summary>A disk image is not what its format asks for, or asks for what is not
/// granted.</summary>
/// <remarks>The only exception of this library's own; what the storage below throws passes
/// through.</remarks>
public sealed class DiskFormatException : IOException
{
    /// <summary>Names a fault.</summary>
    /// <param name="fault">What kind of fault.</param>
    /// <param name="message">A sentence that names the structure, the value and the bound.</param>
    /// <param name="inner">What was caught below, where there is such a thing.</param>
    public DiskFormatException(DiskFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>What kind of fault.</summary>
    public DiskFault Fault { get; }

    /// <summary>The file that the image asked for, as the image names it; null where no file is
    /// meant.</summary>
    public string? FileName { get; init; }

    /// <summary>An image whose bytes contradict themselves or the format.</summary>
    internal static DiskFormatException Corrupt(string message) =>
        new(DiskFault.Corrupt, message);

    /// <summary>An image that is sound and uses what this library does not read or write.</summary>
    internal static DiskFormatException Unsupported(string message) =>
        new(DiskFault.Unsupported, message);
}
