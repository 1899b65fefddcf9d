namespace VMSeed.Blocks.Overlay.Format;

/// <summary>A page of the state map on its way into the file.</summary>
/// <param name="Number">Which page.</param>
/// <param name="Bytes">What it was when it was taken.</param>
internal readonly record struct PendingPage(int Number, ReadOnlyMemory<byte> Bytes)
{
    internal static PendingPage Of(int number, StatePage page)
    {
        byte[] bytes = new byte[StatePage.Size];
        page.CopyTo(bytes);
        return new PendingPage(number, bytes);
    }
}
