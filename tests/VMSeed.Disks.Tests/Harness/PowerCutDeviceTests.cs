using VMSeed.Testing;
using VMSeed.Testing.Devices;

namespace VMSeed.Disks.Tests.Harness;

public sealed class PowerCutDeviceTests
{
    private const int Sector = 512;
    private const int Sectors = 16;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_flushed_survives_every_cut()
    {
        byte[] flushed = Pattern.Random(Sectors * Sector, 1);
        PowerCutDevice device = new(flushed.Length);
        await device.WriteAsync(0, flushed, Token);
        await device.FlushAsync(Token);
        int first = device.Changes;
        await device.WriteAsync(Sector, Pattern.Random(Sector * 4, 2), Token);
        await device.ZeroAsync(Sector * 5, Sector, Token);
        await foreach (PowerCut cut in device.CutsAsync(3, 100, first))
        {
            byte[] after = await ReadAsync(cut.Device);
            Assert.Equal(first - 1, cut.Durable);
            Assert.Equal(flushed[..Sector], after[..Sector]);
            Assert.Equal(flushed[(Sector * 6)..], after[(Sector * 6)..]);
        }
    }

    [Fact]
    public async Task Each_sector_of_what_was_not_is_old_or_new_and_both_happen()
    {
        PowerCutDevice device = new(Sectors * Sector);
        await device.WriteAsync(0, Filled(1), Token);
        await device.FlushAsync(Token);
        await device.WriteAsync(0, Filled(2), Token);
        await device.WriteAsync(0, Filled(3), Token);
        HashSet<string> seen = [];
        await foreach (PowerCut cut in device.CutsAsync(4, 300, 2))
        {
            byte[] after = await ReadAsync(cut.Device);
            Assert.All(after.Chunk(Sector), sector => Assert.Single(sector.Distinct()));
            Assert.All(after, value => Assert.InRange(value, 1, 3));
            seen.Add(string.Concat(after.Chunk(Sector).Select(sector => sector[0]).Distinct()));
        }

        // Whole states, and mixtures: the last write there without the one before it, too.
        Assert.Superset(new HashSet<string> { "1", "2", "3", "13", "31" }, seen);
    }

    [Fact]
    public async Task A_prefix_of_the_log_is_the_device_as_it_was()
    {
        Random random = new(5);
        PowerCutDevice device = new(10_000);
        List<byte[]> states = [await ReadAsync(device)];
        for (int i = 0; i < 60; i++)
        {
            await ChangeAsync(device, random);
            states.Add(await ReadAsync(device));
        }

        for (int changes = 0; changes <= device.Changes; changes++)
        {
            await using PowerCutDevice cut = await device.CutAsync(random, changes, survival: 1);
            Assert.Equal(states[changes], await ReadAsync(cut));
        }
    }

    [Fact]
    public async Task A_write_beyond_a_length_that_was_lost_makes_the_file_as_long_as_itself()
    {
        PowerCutDevice device = new(Sector);
        await device.SetLengthAsync(100 * Sector, Token);
        await device.WriteAsync(50 * Sector, Filled(9), Token);
        HashSet<long> lengths = [];
        await foreach (PowerCut cut in device.CutsAsync(6, 200))
        {
            lengths.Add(cut.Device.Length);
        }

        Assert.Superset(new HashSet<long> { Sector, 66 * Sector, 100 * Sector }, lengths);
    }

    [Fact]
    public async Task The_same_seed_makes_the_same_states()
    {
        Random random = new(7);
        PowerCutDevice device = new(10_000);
        for (int i = 0; i < 30; i++)
        {
            await ChangeAsync(device, random);
        }

        Assert.Equal(await StatesAsync(device, 8), await StatesAsync(device, 8));
        Assert.NotEqual(await StatesAsync(device, 8), await StatesAsync(device, 9));
    }

    [Fact]
    public async Task A_recovered_device_is_durable_and_can_be_cut_again()
    {
        PowerCutDevice device = new(Sectors * Sector);
        await device.WriteAsync(0, Filled(1), Token);
        PowerCutDevice once = await device.CutAsync(new Random(1), 1, survival: 1);
        await once.WriteAsync(0, Filled(2), Token);
        PowerCutDevice twice = await once.CutAsync(new Random(1), 1, survival: 0.0);
        Assert.Contains((byte)1, await ReadAsync(twice));
    }

    [Fact]
    public async Task What_is_trimmed_reads_as_garbage()
    {
        PowerCutDevice device = new(Sectors * Sector);
        await device.TrimAsync(0, Sector, Token);
        Assert.DoesNotContain((byte)0, (await ReadAsync(device))[..Sector]);
    }

    private static byte[] Filled(byte value) =>
        [.. Enumerable.Repeat(value, Sectors * Sector)];

    private static async Task ChangeAsync(PowerCutDevice device, Random random)
    {
        int length = (int)device.Length;
        int offset = random.Next(length + 1);
        int count = random.Next(Math.Min(length - offset, 3000) + 1);
        await (random.Next(5) switch
        {
            0 => device.ZeroAsync(offset, count, Token),
            1 => device.TrimAsync(offset, count, Token),
            2 => device.SetLengthAsync(random.Next(5000, 20_000), Token),
            3 when random.Next(3) == 0 => device.FlushAsync(Token),
            _ => device.WriteAsync(offset, Pattern.Random(count, random.Next()), Token),
        });
    }

    private static async Task<List<byte[]>> StatesAsync(PowerCutDevice device, int seed)
    {
        List<byte[]> states = [];
        await foreach (PowerCut cut in device.CutsAsync(seed, 20))
        {
            states.Add(await ReadAsync(cut.Device));
        }

        return states;
    }

    private static async Task<byte[]> ReadAsync(PowerCutDevice device)
    {
        byte[] all = new byte[device.Length];
        await device.ReadAsync(0, all, Token);
        return all;
    }
}
