using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing;
using VMSeed.Blocks.Trust;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Publishing;

public sealed class HeadSignerTests
{
    private static readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_key_and_expiry_replace_the_old_and_nothing_else()
    {
        using TestRepository repository = await TestRepository.CreateAsync(isSigned: true);
        using var key = SecretKey.Generate();
        ImageHead head = await HeadSigner.SignAsync(
            new SignOptions
            {
                RepositoryPath = repository.Root,
                Name = TestRepository.ImageName,
                Keys = [key],
                ExpiresAfter = TimeSpan.FromDays(1),
            },
            _token);
        SignedText text = Read(repository);
        Assert.Equal(
            [key.PublicKey], TrustPolicy.Pinned([key.PublicKey]).Verify(text));
        Assert.Single(text.Signatures);
        ImageHead old = repository.Result.Head;
        Assert.NotNull(head.Expires);
        Assert.Equal(
            HeadJson.Write(old with { SignedAt = head.SignedAt }).Length
                + ",\n  \"expires\": \"2026-01-01T00:00:00Z\"".Length,
            text.Body.Length);
        Assert.Equal(
            File.ReadAllBytes(Path.Join(repository.Root, "images/disk/1.vmseed")),
            File.ReadAllBytes(Path.Join(repository.Root, repository.HeadName)));
        new PublishedImage(repository.Root, repository.HeadName).ReadAll();
    }

    [Fact]
    public async Task A_second_signature_joins_the_first()
    {
        using TestRepository repository = await TestRepository.CreateAsync(isSigned: true);
        using var key = SecretKey.Generate();
        var options = new SignOptions
        {
            RepositoryPath = repository.Root,
            Name = TestRepository.ImageName,
            Keys = [key],
            KeepSignatures = true,
        };
        await HeadSigner.SignAsync(options, _token);
        await HeadSigner.SignAsync(options, _token);
        SignedText text = Read(repository);
        Assert.Equal(2, text.Signatures.Count);
        TrustPolicy.Pinned([key.PublicKey]).Verify(text);
        TrustPolicy.Pinned([repository.PublicKey!]).Verify(text);
    }

    [Fact]
    public async Task Members_that_are_not_known_here_stay()
    {
        using TestRepository repository = await TestRepository.CreateAsync(isSigned: true);
        string head = Path.Join(repository.Root, repository.HeadName);
        string text = File.ReadAllText(head);
        File.WriteAllText(head, text.Replace("\"name\"", "\"later\": { \"a\": 1 },\n  \"name\""));
        await HeadSigner.SignAsync(
            new SignOptions
            {
                RepositoryPath = repository.Root,
                Name = TestRepository.ImageName,
                Keys = [repository.Key!],
            },
            _token);
        Assert.Contains("\"later\"", File.ReadAllText(head));
        TrustPolicy.Pinned([repository.PublicKey!]).Verify(Read(repository));
    }

    private static SignedText Read(TestRepository repository) => SignedText.Split(
        File.ReadAllBytes(Path.Join(repository.Root, repository.HeadName)), "head");
}
