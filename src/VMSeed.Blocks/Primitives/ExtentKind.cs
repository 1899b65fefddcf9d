namespace VMSeed.Blocks.Primitives;

/// <summary>What a device knows about a range before it is read.</summary>
public enum ExtentKind
{
    /// <summary>Bytes that a read brings from where the device stores them.</summary>
    Data = 0,

    /// <summary>Reads as zeros and occupies no storage.</summary>
    Zero = 1,

    /// <summary>Bytes that are not local yet: a read fetches them first.</summary>
    Absent = 2,
}
