using VMSeed.Blocks.Caching.Layout;

namespace VMSeed.Blocks.Tests.Caching.Crashes;

/// <summary>What every store must be, whatever happened to it.</summary>
internal static class Invariants
{
    /// <summary>No two entries share storage, and all of it lies among the blocks.</summary>
    public static async Task HoldAsync(BlockDevice device)
    {
        byte[] unit = new byte[StoreGeometry.UnitBytes];
        await device.ReadAsync(0, unit);
        Superblock superblock = Assert.IsType<Superblock>(Superblock.TryParse(unit));
        HashSet<uint> taken = [];
        new StoreDirectory(device).Scan(
            superblock.Geometry.Slots,
            (_, entry) =>
            {
                for (uint i = 0; entry.IsSound(superblock.Salt) && i < entry.Units; i++)
                {
                    Assert.InRange(
                        entry.Unit + i,
                        (uint)superblock.Geometry.DataUnit,
                        superblock.Geometry.Units - 1);
                    bool alone = taken.Add(entry.Unit + i);
                    Assert.True(alone, $"Two blocks share unit {entry.Unit + i}.");
                }
            },
            TestContext.Current.CancellationToken);
    }
}
