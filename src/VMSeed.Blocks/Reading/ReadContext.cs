using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Reading.Proofs;
using VMSeed.Blocks.Reading.Resident;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading;

/// <summary>What every part of one disk's read path shares.</summary>
/// <param name="Source">Where files come from.</param>
/// <param name="Proof">Why their bytes are believed.</param>
/// <param name="Cache">Where blocks and index pages are kept, if anywhere.</param>
/// <param name="Memory">The hottest blocks.</param>
/// <param name="Policy">How long a read goes on trying.</param>
/// <param name="Time">The clock.</param>
/// <param name="Random">A number from 0 to 1, for jitter; safe for many threads.</param>
/// <param name="Counters">What is counted.</param>
/// <param name="Log">What is told.</param>
/// <param name="VerifyAlways">Whether no place in the cache is trusted beyond one read.</param>
internal sealed record ReadContext(
    ObjectSource Source,
    BlockProof Proof,
    BlockCache? Cache,
    MemoryTier Memory,
    ReadPolicy Policy,
    TimeProvider Time,
    Func<double> Random,
    DiskCounters Counters,
    DiskLog Log,
    bool VerifyAlways = false)
{
    /// <summary>What a reader gets whose disk goes away while he waits.</summary>
    public static ObjectDisposedException Disposed() => new("the remote disk");

    public RetrySchedule NewSchedule(ReadPurpose purpose) => new(Policy, Time, Random, purpose);

    /// <summary>Reads a part of a block that was verified before, from wherever it is.</summary>
    /// <returns>False when it is not local any more.</returns>
    public ValueTask<bool> ReadResidentAsync(
        ResidentBlock resident, int offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        if (resident.TryCopy(offset, buffer.Span))
        {
            Counters.CountHit();
            return new(true);
        }

        if (!resident.HasPlace)
        {
            return new(false);
        }

        ValueTask<bool> read =
            Cache!.ReadAsync(resident.Place, offset, buffer, cancellation);
        if (!read.IsCompletedSuccessfully)
        {
            return read;
        }

        bool whole = read.Result;
        if (whole)
        {
            Counters.CountHit();
        }
        else
        {
            resident.LosePlace();
        }

        return new(whole);
    }
}
