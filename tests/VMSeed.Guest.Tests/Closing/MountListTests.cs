using VMSeed.Guest.Closing;

namespace VMSeed.Guest.Tests.Closing;

/// <summary>The kernel's list of mounts.</summary>
public sealed class MountListTests
{
    [Fact]
    public void Names_folders_in_the_order_of_mounting() => Assert.Equal(
        ["/", "/my disk", @"/back\slash", "/end\\04"],
        MountList.Parse(
            "1 1 0:2 / / rw shared:1 - rootfs rootfs rw\n"
            + "22 1 0:21 / /my\\040disk rw - proc proc rw\n"
            + "23 1 0:21 / /back\\134slash rw - proc proc rw\n"
            + "24 1 0:21 / /end\\04 rw - proc proc rw\nshort line\n"));

    [Fact]
    public void Reads_this_machines() => Assert.Contains(
        "/proc", MountList.Parse(File.ReadAllText("/proc/self/mountinfo")));
}
