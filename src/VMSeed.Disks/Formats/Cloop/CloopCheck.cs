using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;

namespace VMSeed.Disks.Formats.Cloop;

/// <summary>Unpacks every block of an image; only zlib has check sums, others tell noise by their
/// syntax.</summary>
internal static class CloopCheck
{
    public static async ValueTask<CheckReport> RunAsync(
        BlockDevice file,
        CloopHeader header,
        CloopIndex index,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        var tally = new CheckTally();
        byte[] target = new byte[header.BlockSize];
        for (int number = 0; number < header.BlockCount; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report((double)number / header.BlockCount);
            try
            {
                CloopBlock block = await index.GetAsync(number, cancellationToken)
                    .ConfigureAwait(false);
                if (!block.IsZero)
                {
                    await CloopUnpacker.UnpackAsync(file, block, target, cancellationToken)
                        .ConfigureAwait(false);
                    tally.AllocatedBytes += target.Length;
                }
            }
            catch (DiskFormatException fault)
            {
                tally.Error(fault.Message);
            }
        }

        progress?.Report(1);
        return tally.Report();
    }
}
