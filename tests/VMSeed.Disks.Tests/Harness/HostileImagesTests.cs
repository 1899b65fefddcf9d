using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Testing;
using VMSeed.Testing.Fuzz;
using Xunit.Sdk;

namespace VMSeed.Disks.Tests.Harness;

public sealed class HostileImagesTests
{
    private static readonly byte[] s_image = Pattern.Random(20_000, 1);

    private static readonly FuzzBounds s_impatient = new() { MaxTime = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task A_careful_reader_passes_and_both_opens_and_refuses()
    {
        FuzzOutcome outcome = await TryAsync(OpenCarefullyAsync);
        Assert.InRange(outcome.Opened, 20, 180);
        Assert.Equal(200, outcome.Opened + outcome.Refused);
    }

    [Fact]
    public async Task An_error_that_is_not_typed_is_found()
    {
        MemoryBlockDevice file = new(0);
        await using (BlockDevice toy = await ToyDisk.CreateAsync(file, 1 << 20, ToyFault.None))
        {
            await toy.WriteAsync(0, s_image, TestContext.Current.CancellationToken);
        }

        byte[] image = new byte[file.Length];
        await file.ReadAsync(0, image, TestContext.Current.CancellationToken);
        await FailsAsync("not typed", HostileImages.TryAsync(
            image, f => ToyDisk.OpenAsync(f, false, ToyFault.None), e => e is IOException, 1, 200));
    }

    [Fact]
    public Task A_table_that_is_allocated_before_it_is_checked_is_found() =>
        FailsAsync("allocated", TryAsync(async file =>
        {
            byte[] header = new byte[4];
            await file.ReadAsync(0, header);
            int entries = BinaryPrimitives.ReadInt32LittleEndian(header) & 0x0FFF_FFFF;
            _ = new byte[entries];
            return file;
        }));

    [Fact]
    public Task A_loop_without_an_end_is_found() =>
        FailsAsync("takes more", HostileImages.IsReadAsync(
            s_image,
            async file =>
            {
                await new TaskCompletionSource().Task;
                return file;
            },
            e => false,
            s_impatient));

    [Fact]
    public void The_same_seed_makes_the_same_damage_and_there_is_always_some()
    {
        HashSet<string> seen = [];
        int same = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            byte[] damaged = ImageMutation.Make(s_image, new Random(seed));
            Assert.Equal(damaged, ImageMutation.Make(s_image, new Random(seed)));
            same += damaged.AsSpan().SequenceEqual(s_image) ? 1 : 0;
            seen.Add(Convert.ToHexString(damaged));
        }

        Assert.InRange(same, 0, 10);
        Assert.InRange(seen.Count, 190, 200);
    }

    [Fact]
    public void Damage_stays_in_the_regions_that_are_named()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            byte[] damaged = ImageMutation.Make(s_image, new Random(seed), 1024..1536, ^512..);
            int length = Math.Min(damaged.Length, 1024);
            Assert.Equal(s_image[..length], damaged[..length]);
        }
    }

    private static Task<FuzzOutcome> TryAsync(Func<BlockDevice, ValueTask<BlockDevice>> open) =>
        HostileImages.TryAsync(s_image, open, e => e is InvalidDataException, 1, 200);

    private static async ValueTask<BlockDevice> OpenCarefullyAsync(BlockDevice file)
    {
        byte[] header = new byte[(int)Math.Min(file.Length, 512)];
        await file.ReadAsync(0, header);
        return header.AsSpan().SequenceEqual(s_image.AsSpan(0, 512))
            ? file
            : throw new InvalidDataException("The header is not this format's.");
    }

    private static async Task FailsAsync(string reason, Task test)
    {
        XunitException found = await Assert.ThrowsAnyAsync<XunitException>(() => test);
        Assert.Contains(reason, found.Message, StringComparison.Ordinal);
    }
}
