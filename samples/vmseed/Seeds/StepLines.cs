using VMSeed.ImageBuilder.Seeds;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Seeds;

/// <summary>Tells the steps of a build, a line each.</summary>
internal sealed class StepLines(bool quiet) : IProgress<SeedStep>
{
    public void Report(SeedStep value)
    {
        if (!quiet)
        {
            ErrorReport.WriteLine($"{value.Number}/{value.Count} {value.Title}...");
        }
    }
}
