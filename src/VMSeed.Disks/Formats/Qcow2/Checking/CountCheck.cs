using VMSeed.Disks.Formats.Qcow2.Space;

namespace VMSeed.Disks.Formats.Qcow2.Checking;

/// <summary>Holds the refcounts against the pointers, and sets them right.</summary>
internal sealed class CountCheck(CheckScope scope, Qcow2Space? repair)
{
    private readonly CountCodec _codec = new(scope.Files.Header.CountOrder);

    /// <summary>Compares every refcount.</summary>
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        int perBlockBits = _codec.PerBlockBits(scope.Geometry.ClusterBits);
        byte[] block = new byte[scope.Geometry.ClusterSize];
        foreach ((long number, long offset) in scope.CountBlocks)
        {
            await scope.ReadAsync(offset, block, cancellationToken).ConfigureAwait(false);
            for (long i = 0; i < 1L << perBlockBits; i++)
            {
                ulong count = _codec.Read(block.AsSpan(_codec.ByteOf(i), _codec.Width), i);
                await CompareAsync((number << perBlockBits) + i, count, cancellationToken)
                    .ConfigureAwait(false);
            }

            scope.Advance();
        }

        foreach ((long cluster, _) in scope.Pointers.All())
        {
            if (!scope.CountBlocks.ContainsKey(cluster >> perBlockBits))
            {
                await CompareAsync(cluster, 0, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask CompareAsync(
        long cluster, ulong count, CancellationToken cancellationToken)
    {
        uint pointers = scope.Pointers.Of(cluster);
        if (count == pointers)
        {
            return;
        }

        string sentence = $"The cluster at {cluster << scope.Geometry.ClusterBits} has a refcount "
            + $"of {count} and {pointers} pointers.";
        if (count > pointers)
        {
            scope.Report.Leak(sentence);
        }
        else
        {
            scope.Report.Error(sentence);
        }

        if (repair is not null && pointers <= _codec.Max)
        {
            scope.Report.Repaired++;
            if (!scope.HasBrokenCounts)
            {
                await repair.Counts.SetAsync(cluster, pointers, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }
}
