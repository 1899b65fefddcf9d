using VMSeed.Guest.Hardware;
using VMSeed.Testing;

namespace VMSeed.Guest.Tests.Hardware;

/// <summary>Which disk is the seed.</summary>
public sealed class SeedDiskTests : IDisposable
{
    private static readonly Guid s_guid = new("5d1c0de5-0000-4000-8000-00000000c0de");
    private static readonly Guid s_other = new("5d1c0de5-0000-4000-8000-00000000c0df");
    private static readonly string[] s_names =
        ["vmseed-bios", "vmseed-boot", "vmseed-cache", "vmseed-changes"];

    private readonly TempFolder _folder = new();

    private SystemBlocks Blocks => new(_folder["sys"], _folder["dev"]);

    [Fact]
    public void The_one_whose_table_has_the_GUID()
    {
        AddDisk("sda", s_other, s_names);
        AddDisk("sdb", s_guid, s_names);
        SeedDisk found = SeedDisk.TryFind(Blocks, s_guid)!;
        Assert.Equal("sdb", found.Disk.Name);
        Assert.Equal(_folder["dev/sdb2"], found.Boot);
        Assert.Equal(_folder["dev/sdb3"], found.Cache);
        Assert.Equal(_folder["dev/sdb4"], found.Changes);
    }

    [Fact]
    public void Not_one_without_all_of_its_partitions()
    {
        AddDisk("sda", s_guid, s_names[..3]);
        Assert.Null(SeedDisk.TryFind(Blocks, s_guid));
    }

    [Fact]
    public void Not_one_without_a_table()
    {
        AddDisk("sda", null, s_names);
        Assert.Null(SeedDisk.TryFind(Blocks, s_guid));
    }

    [Fact]
    public void Memory_loops_and_our_own_device_are_no_disks()
    {
        foreach (string name in (string[])["loop0", "nbd0", "zram0", "ram1", "dm-0", "md0", "fd0"])
        {
            AddDisk(name, s_guid, s_names);
        }

        AddDisk("vda", s_other, []);
        Assert.Equal(["vda"], Blocks.FindDisks().Select(disk => disk.Name));
    }

    [Fact]
    public void A_drive_without_a_medium_is_none()
    {
        AddDisk("sr0", null, []);
        _folder.Write("sys/block/sr0/size", "0\n"u8.ToArray());
        Assert.Empty(Blocks.FindDisks());
    }

    [Fact]
    public void Without_a_block_layer_there_are_none() => Assert.Empty(Blocks.FindDisks());

    [Fact]
    public void A_disk_is_described_by_what_its_maker_calls_it()
    {
        AddDisk("sda", null, []);
        _folder.Write("sys/block/sda/device/model", "QEMU HARDDISK   \n"u8.ToArray());
        Assert.Equal("sda (QEMU HARDDISK, 32 GiB)", $"{Blocks.FindDisks()[0]}");
    }

    [Fact]
    public void A_table_is_known_by_its_signature()
    {
        byte[] start = Header(s_guid);
        Assert.Equal(s_guid, PartitionTable.FindGuid(start));
        Assert.Null(PartitionTable.FindGuid(start.AsSpan(..^1)));
        start[512] ^= 1;
        Assert.Null(PartitionTable.FindGuid(start));
    }

    [Fact]
    public void An_event_is_lines_of_names_and_values()
    {
        DeviceEvent told = DeviceEvent.Parse("MAJOR=8\nPARTNAME=a=b\n\nrubbish\n=x\n");
        Assert.Equal("8", told["MAJOR"]);
        Assert.Equal("a=b", told["PARTNAME"]);
        Assert.Null(told["rubbish"]);
        Assert.Null(told["PARTN"]);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Header(Guid guid)
    {
        byte[] start = new byte[PartitionTable.Size];
        "EFI PART"u8.CopyTo(start.AsSpan(512));
        guid.TryWriteBytes(start.AsSpan(512 + 56));
        return start;
    }

    private void AddDisk(string name, Guid? guid, string[] partitions)
    {
        _folder.Write($"sys/block/{name}/size", "67108864\n"u8.ToArray());
        _folder.Write($"dev/{name}", guid is { } id ? Header(id) : new byte[4096]);
        for (int i = 1; i <= partitions.Length; i++)
        {
            _folder.Write(
                $"sys/block/{name}/{name}{i}/uevent",
                System.Text.Encoding.ASCII.GetBytes(
                    $"DEVNAME={name}{i}\nDEVTYPE=partition\nPARTNAME={partitions[i - 1]}\n"));
        }
    }
}
