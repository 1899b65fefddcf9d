using System.Threading.Channels;
using VMSeed.Guest.Consoles;

namespace VMSeed.Guest.Storage;

/// <summary>The consoles as the daemon may use them: a console that takes nothing must not hold up
/// a disk.</summary>
internal sealed class ConsoleQueue
{
    // More than anybody reads; what is said beyond is dropped.
    private const int MostWaiting = 100;

    private readonly Channel<string> _waiting = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });

    public ConsoleQueue(GuestConsole console)
    {
        Thread writer = new(() => Write(console)) { IsBackground = true, Name = "console" };
        writer.Start();
    }

    /// <summary>Tells one fact, in a moment.</summary>
    public void Say(string fact) => _waiting.Writer.TryWrite(fact);

    private void Write(GuestConsole console)
    {
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_waiting.Reader.TryRead(out string? fact)) { console.Say(fact); }
        }
    }
}
