using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Images;

/// <summary>The text that makes a VMDK of a raw file which stays as it is ("monolithicFlat" in
/// VMware's Virtual Disk Format 5.0).</summary>
internal static class FlatDescriptor
{
    private const int SectorSize = 512;

    // The geometry that VMware gives a SCSI disk. Readers of today take the length.
    private const int Heads = 255;
    private const int SectorsPerTrack = 63;
    private const int MaxCylinders = 65535;

    /// <summary>Describes a file.</summary>
    /// <returns>The descriptor; of a file that cannot be written, one that says so.</returns>
    public static string Of(FileInfo file)
    {
        if (file.Length == 0 || file.Length % SectorSize != 0)
        {
            throw new ToolException(
                ExitCode.Usage,
                $"{file} has {file.Length} bytes, which are not whole sectors of {SectorSize}.");
        }

        if (file.FullName.Any(letter => letter == '"' || char.IsControl(letter)))
        {
            throw new ToolException(
                ExitCode.Usage,
                $"{file} has a quote or a control character in its path: no VMDK can name it.");
        }

        long sectors = file.Length / SectorSize;
        long cylinders = Math.Clamp(sectors / (Heads * SectorsPerTrack), 1, MaxCylinders);
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Disk DescriptorFile
            version=1
            encoding="UTF-8"
            CID={ContentIdOf(file)}
            parentCID=ffffffff
            createType="monolithicFlat"

            # Extent description
            {(file.IsReadOnly ? "RDONLY" : "RW")} {sectors} FLAT "{file.FullName}" 0

            # The Disk Data Base
            #DDB

            ddb.adapterType = "lsilogic"
            ddb.geometry.cylinders = "{cylinders}"
            ddb.geometry.heads = "{Heads}"
            ddb.geometry.sectors = "{SectorsPerTrack}"
            ddb.virtualHWVersion = "4"

            """);
    }

    // What a snapshot over this file knows it by: the same for the same file, and for no other.
    private static string ContentIdOf(FileInfo file) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{file.FullName}\n{file.Length}")).AsSpan(0, 4));
}
