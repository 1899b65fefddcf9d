using VMSeed.Testing;
using VMSeed.Testing.Devices;

namespace VMSeed.Disks.Tests.Harness;

public sealed class PowerCutFilesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flush_of_one_file_says_nothing_of_the_other()
    {
        PowerCutFiles files = new();
        PowerCutDevice one = files.Add("one", 1);
        PowerCutDevice two = files.Add("two", 1);
        await one.WriteAsync(0, new byte[] { 1 }, Token);
        await two.WriteAsync(0, new byte[] { 2 }, Token);
        await two.FlushAsync(Token);
        HashSet<string> seen = await StatesAsync(files, files.Changes);
        Assert.Equal(["0/2", "1/2"], seen.Order());
    }

    [Fact]
    public async Task A_cut_falls_between_a_change_of_one_file_and_a_change_of_the_other()
    {
        PowerCutFiles files = new();
        PowerCutDevice one = files.Add("one", 1);
        PowerCutDevice two = files.Add("two", 1);
        await one.WriteAsync(0, new byte[] { 1 }, Token);
        await one.FlushAsync(Token);
        await two.WriteAsync(0, new byte[] { 2 }, Token);
        HashSet<string> seen = await StatesAsync(files, first: 0);
        Assert.Equal(["0/0", "1/0", "1/2"], seen.Order());
    }

    [Fact]
    public async Task A_flush_promises_nothing_of_what_is_done_while_it_is_under_way()
    {
        PowerCutFiles files = new() { Yields = true };
        PowerCutDevice file = files.Add("one", 50);
        for (int i = 0; i < 50; i++)
        {
            int before = files.Changes;
            Task flush = file.FlushAsync(Token).AsTask();
            await file.WriteAsync(i, new byte[] { 1 }, Token);
            await flush;
            Assert.InRange(file.DurableAt(files.Changes), 0, before);
        }
    }

    [Fact]
    public async Task Files_of_a_folder_are_durable_and_go_back_into_one()
    {
        using TempFolder folder = new();
        using TempFolder copy = new();
        byte[] bytes = Pattern.Random(100_000, 1);
        folder.Write("one", bytes);
        folder.Write("two", []);
        PowerCutFiles files = new();
        await files.AddFolderAsync(folder.Root);
        await files["two"].SetLengthAsync(bytes.Length, Token);
        await files["two"].WriteAsync(0, bytes, Token);
        PowerCutFiles cut = await files.CutAsync(new Random(1), 0, survival: 1);
        await cut.SaveAsync(copy.Root);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(copy["one"], Token));
        Assert.Empty(await File.ReadAllBytesAsync(copy["two"], Token));
    }

    private static async Task<HashSet<string>> StatesAsync(PowerCutFiles files, int first)
    {
        HashSet<string> seen = [];
        await foreach (FilesCut cut in files.CutsAsync(1, 200, first))
        {
            seen.Add($"{await ReadAsync(cut.Files["one"])}/{await ReadAsync(cut.Files["two"])}");
        }

        return seen;
    }

    private static async Task<string> ReadAsync(PowerCutDevice file)
    {
        byte[] all = new byte[file.Length];
        await file.ReadAsync(0, all, Token);
        return string.Concat(all);
    }
}
