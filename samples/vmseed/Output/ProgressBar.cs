using Spectre.Console;

namespace VMSeed.Tool.Output;

/// <summary>Bytes done, MiB/s and the time left, on the standard error of a terminal.</summary>
internal static class ProgressBar
{
    private const int Width = 30;

    /// <summary>Whether anybody would see it.</summary>
    public static bool IsVisible(bool quiet) => !quiet && !Console.IsErrorRedirected;

    /// <summary>Runs work under a bar, or without one where nobody would see it.</summary>
    /// <param name="quiet">Whether the user wants none.</param>
    /// <param name="title">A word or two.</param>
    /// <param name="total">Bytes in all; 0 where that is not known yet.</param>
    /// <param name="work">The work; tells done and, where it knows better, the total.</param>
    public static async Task<T> RunAsync<T>(
        bool quiet,
        string title,
        long total,
        Func<IProgress<(long Done, long Total)>, Task<T>> work)
    {
        if (!IsVisible(quiet))
        {
            return await work(new Sink(null));
        }

        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .AutoClear(true)
            .HideCompleted(false)
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn { Width = Width },
                new PercentageColumn(),
                new DownloadedColumn { Base = FileSizeBase.Binary },
                new TransferSpeedColumn { Base = FileSizeBase.Binary },
                new RemainingTimeColumn())
            .StartAsync(context => work(
                new Sink(context.AddTask(Markup.Escape(title), maxValue: Math.Max(total, 1)))));
    }

    // Reports are set, not posted: the last one is there before the bar goes.
    private sealed class Sink(ProgressTask? task) : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value)
        {
            if (task is not null)
            {
                task.MaxValue = Math.Max(value.Total, 1);
                task.Value = value.Done;
            }
        }
    }
}
