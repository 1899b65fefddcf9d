namespace VMSeed.Blocks.Devices.Files;

/// <summary>What a <see cref="FileOperation"/> does.</summary>
internal enum FileTask
{
    /// <summary>Nothing: the operation lies in the pool.</summary>
    None,
    Read,
    Write,
    Zero,
    Trim,
    Flush,
    Map,
    SetLength,
}
