namespace VMSeed.Blocks.Sources;

/// <summary>Why bytes are asked for: who may wait for whom.</summary>
internal enum ReadPurpose
{
    /// <summary>A reader waits.</summary>
    Foreground = 0,

    /// <summary>A guess about the next reads: never in the way of a foreground request.</summary>
    Prefetch = 1,
}
