using System.CommandLine;
using System.CommandLine.Parsing;
using VMSeed.Disks.Drivers;

namespace VMSeed.Tool.Images;

/// <summary>What the rules are called by which a VHD has one of its two sizes.</summary>
internal static class VhdSizeNames
{
    private const string Shape = "by-creator|bytes|geometry";

    public static Option<VhdSizeRule> Option() => new("--vhd-size")
    {
        Description = "Which of its two sizes a VHD has: that in bytes, which Hyper-V, Azure and "
            + "VirtualBox go by, or that of its geometry, which Virtual PC goes by. [default: "
            + "by-creator, the geometry's where Virtual PC or QEMU made it]",
        HelpName = Shape,
        CustomParser = Parse,
    };

    private static VhdSizeRule Parse(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        switch (text)
        {
            case "by-creator":
                return VhdSizeRule.ByCreator;
            case "bytes":
                return VhdSizeRule.Bytes;
            case "geometry":
                return VhdSizeRule.Geometry;
            default:
                result.AddError($"'{text}' is no size that a VHD has; {Shape} are.");
                return default;
        }
    }
}
