namespace VMSeed.Nbd.Protocol;

/// <summary>What is told of an export before it is used.</summary>
internal enum InfoType : ushort
{
    Export = 0,
    Name = 1,
    Description = 2,
    BlockSize = 3,
}
