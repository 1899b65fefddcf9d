using VMSeed.Blocks;
using VMSeed.Testing.Devices;
using Xunit;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>A disk, and beside it an array that all its changes are made in too.</summary>
internal sealed class DiskUnderTest : IAsyncDisposable
{
    // Two growths of the largest kind; what a session may read stays small.
    private const int MostGained = 2 << 20;

    private readonly DiskFormat _format;
    private readonly PowerCutFiles _files;
    private readonly int _longest;
    private byte[] _model;
    private BlockDevice _disk;
    private int _clock;

    private DiskUnderTest(DiskFormat format, PowerCutFiles files, BlockDevice disk, byte[] model)
    {
        (_format, _files, _disk, _model) = (format, files, disk, model);
        _longest = model.Length + MostGained;
    }

    /// <summary>What the disk must read as.</summary>
    internal byte[] Model => _model;

    internal static async Task<DiskUnderTest> CreateAsync(
        DiskFormat format, PowerCutFiles files, int length)
    {
        BlockDevice disk = await format.CreateAsync(files, length);
        Assert.Equal(length, disk.Length);
        return new(format, files, disk, format.Initial(length));
    }

    /// <summary>Opens what is there already, and holds this content.</summary>
    internal static async Task<DiskUnderTest> OpenAsync(
        DiskFormat format, PowerCutFiles files, byte[] model)
    {
        DiskUnderTest test = new(
            format, files, await format.OpenAsync(files, true), model);
        await test.CompareAsync();
        return test;
    }

    internal Task CompareAsync() => ContentAssert.HoldsAsync(_disk, _model);

    internal async Task FlushAsync() => await _disk.FlushAsync();

    /// <summary>Does a step with both, and checks what it reads.</summary>
    /// <remarks>Steps may be done at once where their ranges are disjoint, and none of them is a
    /// growth or a reopening.</remarks>
    internal async Task<DiskEvent> ApplyAsync(DiskOperation step)
    {
        int began = Interlocked.Increment(ref _clock);
        int before = _files.Changes;
        (int offset, byte[] data) = await DoAsync(step);
        return new(step.Kind, offset, data, before, _files.Changes)
        {
            Began = began,
            Ended = Interlocked.Increment(ref _clock),
        };
    }

    /// <summary>Closes the disk; the files stay.</summary>
    public ValueTask DisposeAsync() => _disk.DisposeAsync();

    private async Task<(int Offset, byte[] Data)> DoAsync(DiskOperation step)
    {
        switch (step.Kind)
        {
            case DiskOperationKind.Flush:
                await _disk.FlushAsync();
                break;
            case DiskOperationKind.Reopen:
                await _disk.DisposeAsync();
                _disk = await _format.OpenAsync(_files, true);
                Assert.Equal(_model.Length, _disk.Length);
                break;
            case DiskOperationKind.Grow:
                await GrowAsync(Math.Min(_model.Length + step.Length, _longest));
                return (_model.Length, []);
            default:
                await StoreOrReadAsync(step, _model.AsMemory(step.Offset, step.Length));
                break;
        }

        return (step.Offset, _model.AsSpan(step.Offset, step.Length).ToArray());
    }

    private async Task StoreOrReadAsync(DiskOperation step, Memory<byte> model)
    {
        switch (step.Kind)
        {
            case DiskOperationKind.Write:
                new Random(step.Seed).NextBytes(model.Span);
                await _disk.WriteAsync(step.Offset, model);
                break;
            case DiskOperationKind.Zero:
                model.Span.Clear();
                await _disk.ZeroAsync(step.Offset, step.Length);
                break;
            case DiskOperationKind.Trim:
                await _disk.TrimAsync(step.Offset, step.Length);
                byte[] left = new byte[step.Length];
                await _disk.ReadAsync(step.Offset, left);
                TrimmedBytes.Check(step.Offset, model.Span, left);
                left.CopyTo(model);
                break;
            default:
                byte[] read = new byte[step.Length];
                await _disk.ReadAsync(step.Offset, read);
                ContentAssert.Same(model, read, step.Offset);
                break;
        }
    }

    private async Task GrowAsync(int length)
    {
        try
        {
            await _disk.SetLengthAsync(length);
            Array.Resize(ref _model, length);
        }
        catch (NotSupportedException)
        {
            // Its size is fixed, which it may be; but then it has to stay what it was.
        }

        Assert.Equal(_model.Length, _disk.Length);
    }
}
