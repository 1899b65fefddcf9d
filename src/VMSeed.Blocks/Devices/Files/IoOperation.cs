namespace VMSeed.Blocks.Devices.Files;

/// <summary>Work that holds its thread; <see cref="IoWorkers"/> runs it.</summary>
internal abstract class IoOperation
{
    /// <summary>The next one in the queue or the pool that holds this one; theirs to set.</summary>
    internal IoOperation? Next { get; set; }

    /// <summary>Does the work and tells its outcome to whoever waits. Never throws.</summary>
    internal abstract void Execute();
}
