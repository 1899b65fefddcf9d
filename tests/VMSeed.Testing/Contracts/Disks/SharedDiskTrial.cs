using VMSeed.Blocks;
using Xunit;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>Many tasks on one disk. Each has stripes of its own, so that all of them meet in every
/// block; one part of the stripes is read by all and written by none.</summary>
internal sealed class SharedDiskTrial(BlockDevice disk, byte[] model)
{
    private const int Tasks = 16;

    // The least block of any format, so that stripes share blocks in all others.
    private const int Stripe = 4096;
    private const int Steps = 60;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal async Task RunAsync(int seed)
    {
        for (int at = StripeOf(0, Tasks); at < model.Length; at += Stripe * (Tasks + 1))
        {
            Memory<byte> stripe = model.AsMemory(at, Math.Min(Stripe, model.Length - at));
            new Random(at).NextBytes(stripe.Span);
            await disk.WriteAsync(at, stripe, Token);
        }

        await Task.WhenAll(Enumerable.Range(0, Tasks)
            .Select(task => Task.Run(() => WorkAsync(task, new Random((seed * Tasks) + task)))));
    }

    private static int StripeOf(int round, int task) => ((round * (Tasks + 1)) + task) * Stripe;

    private async Task WorkAsync(int task, Random random)
    {
        int rounds = model.Length / (Stripe * (Tasks + 1));
        for (int i = 0; i < Steps; i++)
        {
            await StepAsync(StripeOf(random.Next(rounds), task), random);
            await CheckAsync(StripeOf(random.Next(rounds), Tasks));
            await CheckAsync(StripeOf(random.Next(rounds), task));
        }
    }

    private async Task StepAsync(int stripe, Random random)
    {
        int from = random.Next(Stripe);
        int offset = stripe + from;
        Memory<byte> range = model.AsMemory(offset, random.Next(Stripe - from) + 1);
        switch (random.Next(20))
        {
            case 0:
                await disk.FlushAsync(Token);
                break;
            case < 4:
                range.Span.Clear();
                await disk.ZeroAsync(offset, range.Length, Token);
                break;
            case < 6:
                await disk.TrimAsync(offset, range.Length, Token);
                await disk.ReadAsync(offset, range, Token);
                break;
            default:
                random.NextBytes(range.Span);
                await disk.WriteAsync(offset, range, Token);
                break;
        }
    }

    private async Task CheckAsync(int stripe)
    {
        byte[] read = new byte[Stripe];
        await disk.ReadAsync(stripe, read, Token);
        ContentAssert.Same(model.AsMemory(stripe, Stripe), read, stripe);
    }
}
