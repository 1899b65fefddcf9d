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
    private readonly PowerCutDevice _file;
    private readonly int _longest;
    private byte[] _model;
    private BlockDevice _disk;

    private DiskUnderTest(DiskFormat format, PowerCutDevice file, BlockDevice disk, byte[] model)
    {
        (_format, _file, _disk, _model) = (format, file, disk, model);
        _longest = model.Length + MostGained;
    }

    /// <summary>What the disk must read as.</summary>
    internal byte[] Model => _model;

    internal static async Task<DiskUnderTest> CreateAsync(
        DiskFormat format, PowerCutDevice file, int length)
    {
        BlockDevice disk = await format.CreateAsync(file, length);
        Assert.Equal(length, disk.Length);
        return new(format, file, disk, new byte[length]);
    }

    /// <summary>Opens what is there already, and holds this content.</summary>
    internal static async Task<DiskUnderTest> OpenAsync(
        DiskFormat format, PowerCutDevice file, byte[] model)
    {
        DiskUnderTest test = new(format, file, await format.OpenAsync(file, true), model);
        await test.CompareAsync();
        return test;
    }

    internal Task CompareAsync() => ContentAssert.HoldsAsync(_disk, _model);

    internal async Task FlushAsync() => await _disk.FlushAsync();

    /// <summary>Does a step with both, and checks what it reads.</summary>
    internal async Task<DiskEvent> ApplyAsync(DiskOperation step)
    {
        int before = _file.Changes;
        switch (step.Kind)
        {
            case DiskOperationKind.Flush:
                await _disk.FlushAsync();
                break;
            case DiskOperationKind.Reopen:
                await _disk.DisposeAsync();
                _disk = await _format.OpenAsync(_file, true);
                Assert.Equal(_model.Length, _disk.Length);
                break;
            case DiskOperationKind.Grow:
                await GrowAsync(Math.Min(_model.Length + step.Length, _longest));
                return new(step.Kind, _model.Length, [], before, _file.Changes);
            default:
                await StoreOrReadAsync(step, _model.AsMemory(step.Offset, step.Length));
                break;
        }

        byte[] data = _model.AsSpan(step.Offset, step.Length).ToArray();
        return new(step.Kind, step.Offset, data, before, _file.Changes);
    }

    /// <summary>Closes the disk; the file stays.</summary>
    public ValueTask DisposeAsync() => _disk.DisposeAsync();

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
