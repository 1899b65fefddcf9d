using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Verification;

namespace VMSeed.Tool.Mirrors;

/// <summary>Holds the mirrors of an image against each other: which version each has, and whether
/// its objects are there and right.</summary>
/// <remarks>Each mirror is asked by itself, over a client of its own, past any cache of this
/// machine and past its memory of heads: a mirror that is late is to be found, not
/// refused.</remarks>
/// <param name="options">How images are opened.</param>
/// <param name="sample">Blocks that are read of each mirror; 0 for everything.</param>
internal sealed class MirrorComparison(LazyDiskOptions options, int sample)
{
    // The same places at each mirror and in each run, so that a second run finds it again.
    private const int Seed = 1;

    // Each costs the patience of a read; a mirror that is wrong all over is told by a few.
    private const int MaxFaults = 3;

    private readonly LazyDiskOptions _options = options with
    {
        HttpClient = null,
        Cache = null,
        CacheDirectory = null,
        StateDirectory = null,
        ReadAhead = false,
    };

    /// <summary>Looks at all mirrors at once.</summary>
    /// <returns>One finding a mirror, in their order.</returns>
    public async Task<IReadOnlyList<MirrorFinding>> CompareAsync(
        IReadOnlyList<MirrorPlace> places, CancellationToken cancellationToken)
    {
        MirrorFinding[] findings = await Task.WhenAll(
            places.Select(place => LookAsync(place, cancellationToken)));
        long newest = findings.Max(finding => finding.Version) ?? 0;
        return [.. findings.Select(finding => finding with
        {
            Lag = newest - (finding.Version ?? newest),
        })];
    }

    private async Task<MirrorFinding> LookAsync(
        MirrorPlace place, CancellationToken cancellationToken)
    {
        try
        {
            await using LazyDisk disk = await LazyDisk.OpenAsync(
                place.Address, _options, cancellationToken);
            var finding = new MirrorFinding(place.Root, disk.Head.Version, 0, []);
            return sample == 0
                ? await VerifyAsync(finding, place.Address, cancellationToken)
                : await SampleAsync(finding, disk, cancellationToken);
        }
        catch (BlockIOException fault)
        {
            return new MirrorFinding(
                place.Root, null, 0, [new MirrorFault(fault.Reason, fault.Message)]);
        }
    }

    private async Task<MirrorFinding> VerifyAsync(
        MirrorFinding finding, string address, CancellationToken cancellationToken)
    {
        VerifyResult result = await ImageVerifier.VerifyAsync(
            address, _options, null, cancellationToken);
        return finding with
        {
            Checked = result.Objects,
            Faults = [.. result.Faults.Select(fault => new MirrorFault(
                fault.Reason, fault.Message))],
        };
    }

    private async Task<MirrorFinding> SampleAsync(
        MirrorFinding finding, LazyDisk disk, CancellationToken cancellationToken)
    {
        List<MirrorFault> faults = [];
        Random random = new(Seed);
        byte[] block = new byte[disk.Head.Disk.BlockSize];
        int done = 0;
        for (; done < sample && disk.Length > 0 && faults.Count < MaxFaults; done++)
        {
            try
            {
                long offset = random.NextInt64(disk.Length) / block.Length * block.Length;
                int length = (int)Math.Min(block.Length, disk.Length - offset);
                await disk.ReadAsync(offset, block.AsMemory(0, length), cancellationToken);
            }
            catch (BlockIOException fault)
            {
                faults.Add(new MirrorFault(fault.Reason, fault.Message));
            }
        }

        return finding with { Checked = done, Faults = faults };
    }
}
