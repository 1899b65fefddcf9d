using VMSeed.Testing;

namespace VMSeed.Blocks.Tests;

/// <summary>Opens test repositories in the ways that tests need.</summary>
internal static class OpenedImages
{
    /// <summary>Opens from the folder, or from a web root, without anything that outlives the
    /// test.</summary>
    public static Task<LazyDisk> OpenAsync(
        this TestRepository repository,
        Uri? root = null,
        Func<LazyDiskOptions, LazyDiskOptions>? adapt = null)
    {
        var options = new LazyDiskOptions
        {
            PublicKeys = repository.PublicKey is { } key ? [key] : [],
            AllowUnsigned = repository.PublicKey is null,
            CacheDirectory = null,
            StateDirectory = null,
        };
        string address = root is null
            ? Path.Combine(repository.Root, repository.HeadName)
            : new Uri(root, repository.HeadName).ToString();
        return LazyDisk.OpenAsync(
            address, adapt?.Invoke(options) ?? options, TestContext.Current.CancellationToken);
    }
}
