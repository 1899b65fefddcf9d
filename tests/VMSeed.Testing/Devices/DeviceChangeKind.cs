namespace VMSeed.Testing.Devices;

/// <summary>What a change of a device was.</summary>
public enum DeviceChangeKind
{
    /// <summary>Bytes were stored.</summary>
    Write,

    /// <summary>A range was zeroed.</summary>
    Zero,

    /// <summary>A range's content was said to be of no use.</summary>
    Trim,

    /// <summary>The device became longer or shorter.</summary>
    SetLength,

    /// <summary>What had been done when it began became durable.</summary>
    Flush,
}
