using VMSeed.Tool.Tests.Guests;

namespace VMSeed.Tool.Tests.Seeds;

/// <summary>One seed's life: first boot, changes, no network, a loss of power, and the menu's other
/// ways.</summary>
[Collection(nameof(SeedCollection))]
public sealed class SeedLifeTests(SeedWorkshop workshop)
{
    // By the shell alone: a program that no boot has touched is not there without a network.
    private const string Kept = "read -r kept </var/kept; echo \"$kept\"";

    private static readonly SeedFormat s_format = SeedFormat.Of("qcow2");
    private static readonly SeedMachine s_machine = new(IsUefi: false, "virtio", "virtio");

    [Fact]
    public async Task It_keeps_what_it_fetched_and_what_was_changed()
    {
        string file = await workshop.MakeAsync(s_format, "life");
        await using (RunningSeed first = RunningSeed.Start(s_machine, file, s_format))
        {
            await first.LogInAsync();
            await first.Console.ExecuteAsync("echo mine >/var/kept; sync");
            await first.PowerOffAsync();
        }

        Served fetched = await workshop.ServedAsync();
        Assert.NotEmpty(fetched.Requests);

        // The same boot without a network, and the power is cut.
        await using (RunningSeed cut = RunningSeed.Start(s_machine, file, s_format, isCutOff: true))
        {
            await cut.LogInAsync();
            Assert.Equal("mine", await cut.Console.ExecuteAsync(Kept));
            await cut.CutPowerAsync();
        }

        await SeedInspection.RepairAsync(file, s_format);
        await SeedInspection.CheckAsync(file, s_format);

        // With it, what comes is what no boot had touched before, and that is little.
        await using (RunningSeed second = RunningSeed.Start(s_machine, file, s_format))
        {
            await second.LogInAsync();
            Assert.Equal("mine", await second.Console.ExecuteAsync(Kept));
            await second.PowerOffAsync();
        }

        Served again = await workshop.ServedAsync();
        Assert.DoesNotContain(again.Requests, request => BeginsOrEndsWithin(fetched, request));
        Assert.True(again.Bytes < fetched.Bytes / 8, $"{again.Bytes} after {fetched.Bytes}.");
        await SeedInspection.CheckAsync(file, s_format);
        File.Delete(file);
    }

    // What lies between two blocks that are wanted may come along once more; what a request begins
    // or ends with is wanted. Heads are mutable: they are asked for at every start.
    private static bool BeginsOrEndsWithin(Served fetched, ServedRange request) =>
        request.Path.StartsWith("/objects/", StringComparison.Ordinal)
        && fetched.Requests.Any(before => before.Path == request.Path
            && (IsWithin(before, request.Start) || IsWithin(before, request.End - 1)));

    private static bool IsWithin(ServedRange range, long offset) =>
        range.Start <= offset && offset < range.End;

    [Fact]
    [Trait("Stage", "Long")]
    public async Task The_menu_leaves_changes_out_and_deletes_them()
    {
        string file = await workshop.MakeAsync(s_format, "menu");
        await using (RunningSeed first = RunningSeed.Start(s_machine, file, s_format))
        {
            await first.LogInAsync();
            await first.Console.ExecuteAsync("echo mine >/var/kept; sync");
            await first.PowerOffAsync();
        }

        await using (RunningSeed clean = RunningSeed.Start(s_machine, file, s_format))
        {
            await clean.ChooseAsync('w');
            await clean.LogInAsync();
            await clean.Console.ExecuteAsync("test ! -e /var/kept");
            await clean.PowerOffAsync();
        }

        await using (RunningSeed same = RunningSeed.Start(s_machine, file, s_format))
        {
            await same.LogInAsync();
            Assert.Equal("mine", await same.Console.ExecuteAsync(Kept));
            await same.PowerOffAsync();
        }

        await using (RunningSeed reset = RunningSeed.Start(s_machine, file, s_format))
        {
            await reset.ChooseAsync('r');
            await reset.Console.ReadToAsync("delete everything");
            await reset.Console.PressAsync('y');
            await reset.LogInAsync();
            await reset.Console.ExecuteAsync("test ! -e /var/kept");
            await reset.PowerOffAsync();
        }

        File.Delete(file);
    }
}
