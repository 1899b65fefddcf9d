using VMSeed.Guest.Consoles;
using VMSeed.Guest.Hardware;

namespace VMSeed.Guest.Booting;

/// <summary>Waits for the seed disk to appear.</summary>
internal sealed class SeedSearch(GuestConsole console, TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_untilWord = TimeSpan.FromSeconds(5);

    // Disks on a bus that is slow to wake appear within 20 s.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>Finds the disk, loading drivers until it is there.</summary>
    /// <exception cref="IOException">It does not appear.</exception>
    public async Task<SeedDisk> FindAsync(Guid guid)
    {
        Drivers drivers = new();
        SystemBlocks blocks = new();
        _ = Drivers.TryLoad("sd_mod");
        bool isTold = false;
        long start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < s_patience)
        {
            drivers.LoadAll();
            if (SeedDisk.TryFind(blocks, guid) is { } found)
            {
                console.Say($"seed disk {found.Disk}");
                return found;
            }

            if (!isTold && time.GetElapsedTime(start) > s_untilWord)
            {
                isTold = true;
                console.Say(Describe(blocks, guid, "waiting for the seed disk"));
            }

            await Task.Delay(s_pause, time);
        }

        throw new IOException(Describe(blocks, guid, "The seed disk has not appeared"));
    }

    private static string Describe(SystemBlocks blocks, Guid guid, string what)
    {
        IReadOnlyList<SystemDisk> disks = blocks.FindDisks();
        string there = disks.Count == 0 ? "no disk is there" : string.Join(", ", disks) + " there";
        return $"{what}: a GPT of the GUID {guid} with the partitions vmseed-boot, vmseed-cache "
            + $"and vmseed-changes; {there}.";
    }
}
