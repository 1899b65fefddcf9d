using CsCheck;
using VMSeed.Blocks;
using Xunit;

namespace VMSeed.Testing.Contracts;

/// <summary>Any sequence of changes of a device, beside the same changes of an array.</summary>
internal static class DeviceModel
{
    // Enough sequences to meet every pair of changes at ranges that touch; half a second for a
    // file.
    private const int Sequences = 60;
    private const int LongestDisk = 300_000;

    private enum Change
    {
        Read,
        Write,
        Zero,
        Trim,
        SetLength,
        Flush,
        Map,
    }

    private static readonly Gen<(Change, double Start, double Extent, int Seed)[]> s_changes =
        Gen.Select(
            Gen.Enum<Change>(), Gen.Double.Unit, Gen.Double.Unit, Gen.Int[0, 1000]).Array[1, 30];

    internal static Task CheckAsync(Func<byte[], ValueTask<BlockDevice>> make) =>
        Check.SampleAsync(
            Gen.Select(Gen.Int[0, LongestDisk], s_changes),
            async sample =>
            {
                byte[] model = Pattern.Disk(sample.Item1, sample.Item1);
                await using BlockDevice device = await make((byte[])model.Clone());
                foreach ((Change change, double start, double extent, int seed) in sample.Item2)
                {
                    // Half of the ranges keep to pages, where devices take their short cuts.
                    int unit = seed % 2 == 0 ? 4096 : 1;
                    int offset = (int)(start * model.Length) / unit * unit;
                    int length = (int)(extent * extent * (model.Length - offset));
                    length = length / unit * unit;
                    model = await ApplyAsync(device, model, change, offset, length, seed);
                }

                byte[] all = new byte[device.Length];
                await device.ReadAsync(0, all);
                Assert.True(all.AsSpan().SequenceEqual(model), "Device and model differ.");
            },
            iter: Sequences,
            threads: 1,
            seed: "0000KTKrjMgf");

    private static async Task<byte[]> ApplyAsync(
        BlockDevice device, byte[] model, Change change, int offset, int length, int seed)
    {
        switch (change)
        {
            case Change.Read:
                byte[] read = new byte[length];
                await device.ReadAsync(offset, read);
                Assert.Equal(model[offset..(offset + length)], read);
                break;
            case Change.Flush:
                await device.FlushAsync();
                break;
            case Change.Map when length > 0:
                await MapContract.CheckAsync(device, model, offset, length, CancellationToken.None);
                break;
            case Change.SetLength when device.CanWrite:
                return await SetLengthAsync(device, model, seed * (LongestDisk / 1000));
            case Change.Write or Change.Zero or Change.Trim when device.CanWrite:
                await StoreAsync(device, model, change, offset, length, seed);
                break;
            default:
                break;
        }

        return model;
    }

    private static async Task StoreAsync(
        BlockDevice device, byte[] model, Change change, int offset, int length, int seed)
    {
        Memory<byte> range = model.AsMemory(offset, length);
        if (change == Change.Write)
        {
            Pattern.Random(length, seed).CopyTo(range);
            await device.WriteAsync(offset, range);
        }
        else if (change == Change.Zero)
        {
            range.Span.Clear();
            await device.ZeroAsync(offset, length);
        }
        else
        {
            // A trimmed range may read as anything: the model takes what the device has made of it.
            await device.TrimAsync(offset, length);
            await device.ReadAsync(offset, range);
        }
    }

    private static async Task<byte[]> SetLengthAsync(BlockDevice device, byte[] model, int length)
    {
        try
        {
            await device.SetLengthAsync(length);
        }
        catch (NotSupportedException)
        {
            Assert.Equal(model.Length, device.Length);
            return model;
        }

        Assert.Equal(length, device.Length);
        Array.Resize(ref model, length);
        return model;
    }
}
