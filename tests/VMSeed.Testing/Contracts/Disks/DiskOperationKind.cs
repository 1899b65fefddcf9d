namespace VMSeed.Testing.Contracts.Disks;

/// <summary>What can be done with a disk.</summary>
internal enum DiskOperationKind
{
    Write,
    Zero,
    Trim,
    Flush,
    Read,
    Reopen,
    Grow,
}
