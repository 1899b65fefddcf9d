namespace VMSeed.Testing.Peers;

/// <summary>What <c>qemu-img check</c> found.</summary>
/// <param name="Errors">Checks that it could not make.</param>
/// <param name="Corruptions">Faults that lose or mix data.</param>
/// <param name="Leaks">Storage that nothing refers to.</param>
/// <param name="Text">What it printed.</param>
public sealed record QemuCheck(int Errors, int Corruptions, int Leaks, string Text)
{
    /// <summary>Whether nothing was found.</summary>
    public bool IsClean => (Errors, Corruptions, Leaks) == (0, 0, 0);
}
