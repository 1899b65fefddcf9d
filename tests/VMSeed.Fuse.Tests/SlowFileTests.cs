using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Fuse.Tests;

/// <summary>Slow blocks occupy neither threads nor other readers.</summary>
public sealed class SlowFileTests
{
    private const long Length = 64 << 20;

    [Theory]
    [InlineData(64)]
    [InlineData(4)] // Fewer buffers than stuck reads: the others wait without one.
    public async Task More_stuck_reads_than_threads_leave_the_rest_alone(int buffers)
    {
        const int stuck = 24;
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        PatternDevice slow = new(Length) { Gate = (_, _) => gate.Task };
        PatternDevice fast = new(Length);
        await using Mounted mounted = await Mounted.StartAsync(
            [new VolatileFile("slow", slow), new BlockDeviceFile("fast", fast)],
            new FuseMountOptions { ReaderThreads = 2, RequestsInFlight = buffers });
        using SafeFileHandle file = File.OpenHandle(mounted["slow"]);
        Task[] reads = [.. Enumerable.Range(0, stuck).Select(i => Task.Factory.StartNew(
            () => Check(file, slow, i * 65536L),
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];

        Assert.Equal(Length, new FileInfo(mounted["fast"]).Length);
        Assert.Equal(2, Directory.GetFiles(mounted.Mount.MountPoint).Length);
        if (buffers > stuck)
        {
            using SafeFileHandle other = File.OpenHandle(mounted["fast"]);
            Check(other, fast, 1 << 20);
        }

        Assert.DoesNotContain(reads, read => read.IsCompleted);
        gate.SetResult();
        await Task.WhenAll(reads);
    }

    [Fact]
    public async Task A_killed_reader_cancels_its_read()
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        PatternDevice device = new(Length)
        {
            Gate = async (_, token) =>
            {
                await using CancellationTokenRegistration told =
                    token.Register(() => cancelled.TrySetResult());
                started.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            },
        };
        await using Mounted mounted = await Mounted.StartAsync([new VolatileFile("slow", device)]);
        using Process reader = Shell.Start("cat", mounted["slow"]);
        await started.Task.WaitAsync(Soon, TestContext.Current.CancellationToken);
        reader.Kill();
        await cancelled.Task.WaitAsync(Soon, TestContext.Current.CancellationToken);
        await reader.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_killed_reader_without_a_buffer_ends()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CountdownEvent started = new(1);
        PatternDevice device = new(Length)
        {
            Gate = (_, _) =>
            {
                _ = started.Signal();
                return gate.Task;
            },
        };
        // One buffer in a thread's hand, and one that counts; the second read finds none.
        await using Mounted mounted = await Mounted.StartAsync(
            [new VolatileFile("slow", device)],
            new FuseMountOptions { ReaderThreads = 1, RequestsInFlight = 1 });
        using Process first = Shell.Start("cat", mounted["slow"]);
        started.Wait(Soon, TestContext.Current.CancellationToken);
        using Process second = Shell.Start("cat", mounted["slow"]);
        await WaitForReadAsync(second);
        second.Kill();
        await second.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.False(first.HasExited);
        first.Kill();
        gate.SetResult();
    }

    [Fact]
    public async Task Disposal_cancels_what_is_stuck()
    {
        PatternDevice device = new(Length)
        {
            Gate = (offset, token) =>
                Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token),
        };
        Mounted mounted = await Mounted.StartAsync([new BlockDeviceFile("slow", device)]);
        using Process reader = Shell.Start("cat", mounted["slow"]);
        await WaitForReadAsync(reader);
        await mounted.DisposeAsync().AsTask()
            .WaitAsync(Soon, TestContext.Current.CancellationToken);
        await reader.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.NotEqual(0, reader.ExitCode);
    }

    private static TimeSpan Soon => TimeSpan.FromSeconds(10);

    private static void Check(SafeFileHandle file, PatternDevice device, long offset)
    {
        byte[] buffer = new byte[4096];
        Assert.Equal(buffer.Length, RandomAccess.Read(file, buffer, offset));
        Assert.Equal(device.Expect(offset, buffer.Length), buffer);
    }

    /// <summary>Waits until a process hangs in a read of FUSE, as its kernel stack's name
    /// says.</summary>
    private static async Task WaitForReadAsync(Process process)
    {
        string path = $"/proc/{process.Id}/syscall"; // Begins with the call's number: 0 is read(2).
        int seen = 0;
        while (seen < 3)
        {
            await Task.Delay(
                TimeSpan.FromMilliseconds(20),
                TimeProvider.System,
                TestContext.Current.CancellationToken);
            string call = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
            seen = call.StartsWith("0 ", StringComparison.Ordinal) ? seen + 1 : 0;
        }
    }
}
