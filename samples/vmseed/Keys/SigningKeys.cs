using VMSeed.Blocks.Trust;

namespace VMSeed.Tool.Keys;

/// <summary>Secret keys in memory, wiped together.</summary>
internal sealed class SigningKeys : IDisposable
{
    private readonly List<SecretKey> _keys = [];

    public IReadOnlyList<SecretKey> All => _keys;

    /// <summary>The first key's public part as an address carries it: <c>#RWQ…</c>, or
    /// nothing.</summary>
    public string Fragment => _keys.Count > 0 ? $"#{_keys[0].PublicKey}" : string.Empty;

    public IReadOnlyList<string> Ids => [.. _keys.Select(key => key.PublicKey.KeyId)];

    public void Add(SecretKey key) => _keys.Add(key);

    public void Dispose() => _keys.ForEach(key => key.Dispose());
}
