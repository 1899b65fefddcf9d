using System.CommandLine;

namespace VMSeed.Tool.Verbs.Disks;

/// <summary><c>vmseed disk …</c>: what concerns a disk image as a file.</summary>
internal sealed class DiskVerbs : Command
{
    public DiskVerbs()
        : base("disk", "Looks into disk images, makes and changes them.")
    {
        Add(new DiskInfoVerb());
        Add(new DiskMapVerb());
        Add(new DiskCheckVerb());
        Add(new DiskCreateVerb());
        Add(new DiskDescribeVerb());
        Add(new DiskResizeVerb());
        Add(new DiskCommitVerb());
        Add(new DiskRebaseVerb());
    }
}
