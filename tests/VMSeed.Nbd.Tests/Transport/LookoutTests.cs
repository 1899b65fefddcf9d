using VMSeed.Nbd.Transport;

namespace VMSeed.Nbd.Tests.Transport;

public sealed class LookoutTests
{
    private int _looks;
    private int _comesAfter = int.MaxValue;

    [Fact]
    public void A_client_that_lets_wait_is_waited_for_asleep()
    {
        Assert.SkipWhen(Environment.ProcessorCount == 1, "One core is left to the client.");
        Lookout lookout = new(Look);
        const int waits = 10_000;
        for (int i = 0; i < waits; i++) { lookout.Look(); }

        // A glance each, and whole looks before 1, 2, 4 … 256, 256 … waits that are slept through.
        int whole = 9 + (waits / Lookout.MostSlept);
        Assert.InRange(_looks, waits, waits + (whole * Lookout.Looks));
    }

    [Fact]
    public void One_that_becomes_quick_is_found_awake_soon_and_from_then_on()
    {
        Assert.SkipWhen(Environment.ProcessorCount == 1, "One core is left to the client.");
        Lookout lookout = new(Look);
        for (int i = 0; i < 2000; i++) { lookout.Look(); }

        _comesAfter = 10;
        int found = 0;
        for (int i = 0; i < Lookout.MostSlept + 100; i++) { found += Wait(lookout); }

        Assert.InRange(found, 100, Lookout.MostSlept + 100);
    }

    private int Wait(Lookout lookout)
    {
        _looks = 0;
        lookout.Look();
        return _looks >= _comesAfter ? 1 : 0;
    }

    private bool Look() => ++_looks >= _comesAfter;
}
