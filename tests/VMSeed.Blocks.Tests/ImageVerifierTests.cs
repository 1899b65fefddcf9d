using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Verification;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests;

public sealed class ImageVerifierTests
{
    private static readonly LazyDiskOptions _options = new()
    {
        AllowUnsigned = true,
        StateDirectory = null,
    };

    [Fact]
    public async Task A_good_image_has_no_faults()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        VerifyResult result = await VerifyAsync(repository);
        Assert.True(result.IsGood);
        Assert.Equal(repository.Result.Head.Content.DataBlocks, result.Blocks);
        Assert.Equal(repository.Objects().Count(), result.Objects);
    }

    [Fact]
    public async Task Every_object_that_is_damaged_or_gone_is_named()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        string[] packs = [.. repository.Packs()];
        byte[] bytes = File.ReadAllBytes(packs[0]);
        bytes[1000] ^= 1;
        File.WriteAllBytes(packs[0], bytes);
        File.Delete(packs[1]);
        VerifyResult result = await VerifyAsync(repository);
        Assert.Equal(
            new[]
            {
                (Name(packs[0]), FailureReason.Corrupt),
                (Name(packs[1]), FailureReason.Missing),
            }.Order(),
            result.Faults.Select(f => (f.Path, f.Reason)));
    }

    [Fact]
    public async Task A_damaged_page_is_named_and_the_others_are_checked()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        string page = repository.Objects().Except(repository.Packs())
            .First(p => Path.GetFileName(p) != repository.Result.Head.Index.Digest.ToString());
        File.WriteAllText(page, "VMSE");
        VerifyResult result = await VerifyAsync(repository);
        Assert.Equal(Name(page), Assert.Single(result.Faults).Path);
        Assert.InRange(result.Blocks, 1, repository.Result.Head.Content.DataBlocks - 1);
    }

    private static Task<VerifyResult> VerifyAsync(TestRepository repository) =>
        ImageVerifier.VerifyAsync(
            Path.Join(repository.Root, repository.HeadName),
            _options,
            cancellationToken: TestContext.Current.CancellationToken);

    private static string Name(string path)
    {
        Assert.True(Digest.TryParse(Path.GetFileName(path), out Digest digest));
        return RepositoryPaths.Object(digest);
    }
}
