using System.Diagnostics;
using System.Globalization;

namespace VMSeed.Blocks.Tests.Caching.Crashes;

/// <summary>Another process on the same cache.</summary>
internal sealed class StressProcess : IDisposable
{
    private static readonly string s_path = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory,
        "../../VMSeed.CacheStress",
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)),
        "VMSeed.CacheStress"));

    private readonly Process _process;

    private StressProcess(Process process) => _process = process;

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts one and waits until it has opened the cache.</summary>
    public static async Task<StressProcess> StartAsync(
        string folder, int seed, int mebibytes, double seconds, params string[] flags)
    {
        string[] arguments =
        [
            folder, seed.ToString(CultureInfo.InvariantCulture),
            mebibytes.ToString(CultureInfo.InvariantCulture),
            seconds.ToString(CultureInfo.InvariantCulture), .. flags,
        ];
        Process process = Process.Start(
            new ProcessStartInfo(s_path, arguments) { RedirectStandardOutput = true })!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
        return new(process);
    }

    public void Kill() => _process.Kill();

    /// <summary>Waits for its end and reads what it saw; a number by its name.</summary>
    public async Task<Dictionary<string, long>> FinishAsync()
    {
        string[] words = (await _process.StandardOutput.ReadToEndAsync()).Trim().Split(' ');
        await _process.WaitForExitAsync();
        Dictionary<string, long> numbers = [];
        for (int i = 0; i + 1 < words.Length; i += 2)
        {
            numbers[words[i]] = words[i + 1] is "True" or "False"
                ? (words[i + 1] == "True" ? 1 : 0)
                : long.Parse(words[i + 1], CultureInfo.InvariantCulture);
        }

        return numbers;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
