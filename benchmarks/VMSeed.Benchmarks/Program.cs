using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using VMSeed.Benchmarks;
using VMSeed.Benchmarks.Disks;

// --smoke runs every benchmark once, in this process, so that none rots between measurements.
if (args is ["--smoke"])
{
    Job once = Job.Dry.WithToolchain(InProcessEmitToolchain.Instance);
    IConfig config = ManualConfig.CreateMinimumViable().AddJob(once);
    var summaries = BenchmarkSwitcher.FromAssembly(typeof(ReadBenchmarks).Assembly)
        .RunAll(config)
        .ToArray();
    bool isWhole = summaries.Length > 0 && summaries.All(
        summary => !summary.HasCriticalValidationErrors
            && summary.Reports.All(report => report.Success));
    return isWhole ? 0 : 1;
}

if (args is ["--cold", .. var cold])
{
    return await ColdRead.RunAsync(cold);
}

if (args is ["--pack", .. var pack])
{
    return await PackDisk.RunAsync(pack);
}

if (args is ["--convert", .. var convert])
{
    return await ConvertDisk.RunAsync(convert);
}

if (args is ["--map", .. var map])
{
    return await MapTurns.RunAsync(map);
}

BenchmarkSwitcher.FromAssembly(typeof(ReadBenchmarks).Assembly).Run(args);
return 0;
