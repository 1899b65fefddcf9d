using VMSeed.Guest.Consoles;
using VMSeed.Guest.Interop;

namespace VMSeed.Guest.Booting;

/// <summary>The machine's clock, which may be wrong.</summary>
internal static class SystemClock
{
    /// <summary>Advances the clock where it is before a time that has certainly passed.</summary>
    public static void Advance(DateTimeOffset atLeast, TimeProvider time, GuestConsole console)
    {
        if (time.GetUtcNow() >= atLeast) { return; }

        console.Say($"the clock said {time.GetUtcNow():u}, which is before the seed was made; it "
            + $"is set to {atLeast:u}");
        MachineCalls.SetClock(atLeast);
    }
}
