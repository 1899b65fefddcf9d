using System.CommandLine;
using VMSeed.ImageBuilder.Seeds;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Seeds;

/// <summary>What was built, and what it weighs.</summary>
internal static class SeedReport
{
    public static void Write(
        ParseResult line,
        Seed seed,
        IReadOnlyList<SeedTarget> targets,
        IReadOnlyList<SeedFile> files)
    {
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(new
            {
                disk = seed.Table.DiskId,
                length = seed.Disk.Length,
                parts = seed.Parts.Select(part => new { name = part.Name, length = part.Length }),
                files = files.Select((file, i) => new
                {
                    path = file.Path,
                    format = targets[i].Title,
                    length = file.Length,
                    sha256 = file.Sha256,
                }),
            });
        }
        else if (!line.GetValue(SharedOptions.Quiet))
        {
            WriteText(seed, targets, files);
        }
    }

    private static void WriteText(
        Seed seed, IReadOnlyList<SeedTarget> targets, IReadOnlyList<SeedFile> files)
    {
        Console.Out.WriteLine(
            $"Seed {seed.Table.DiskId}, a disk of {ByteSize.Format(seed.Disk.Length)}:");
        Report.WriteTable([
            ["Part", "Size"],
            .. seed.Parts.Select(part => new[] { part.Name, ByteSize.Format(part.Length) }),
            ["all", ByteSize.Format(seed.Parts.Sum(part => part.Length))],
        ]);
        Console.Out.WriteLine();
        Report.WriteTable([
            ["Format", "Size", "SHA-256", "File"],
            .. files.Select((file, i) => new[]
            {
                targets[i].Title, ByteSize.Format(file.Length), file.Sha256 ?? "-", file.Path,
            }),
        ]);
    }
}
