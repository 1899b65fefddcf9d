namespace VMSeed.Testing;

/// <summary>What work allocates on the thread that does it.</summary>
public static class Allocations
{
    // Enough for pools to be filled.
    private const int WarmUp = 200;

    // A collection that another thread's test sets off counts the rest of this thread's allocation
    // buffer (up to 8 KiB) as used, once. What an operation allocates itself shows in every round.
    private const int Rounds = 5;

    // The compiler's first tier boxes what its last does not, and it is left behind only when no
    // new code has come for 100 ms, which on a busy machine takes a while.
    private const int PatientRounds = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(60);

    /// <summary>The bytes that one operation allocates, on average over many.</summary>
    public static double Measure(Action operation, int count = 1000)
    {
        ArgumentNullException.ThrowIfNull(operation);
        for (int i = 0; i < WarmUp; i++)
        {
            operation();
        }

        double least = double.PositiveInfinity;
        for (int round = 0; round < Rounds + PatientRounds && least > 0; round++)
        {
            if (round >= Rounds)
            {
                Thread.Sleep(Pause);
            }

            least = Math.Min(least, Round(operation, count));
        }

        return least;
    }

    /// <summary>The same for an operation that has to complete synchronously each time.</summary>
    /// <exception cref="InvalidOperationException">One did not.</exception>
    public static double Measure(Func<ValueTask> operation, int count = 1000)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return Measure(
            () =>
            {
                ValueTask task = operation();
                if (!task.IsCompletedSuccessfully)
                {
                    throw new InvalidOperationException("The operation did not complete at once.");
                }

                task.GetAwaiter().GetResult();
            },
            count);
    }

    private static double Round(Action operation, int count)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++)
        {
            operation();
        }

        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / count;
    }
}
