namespace VMSeed.Guest.Booting.Changes;

/// <summary>Writes small files so that after a loss of power the old or the new one is
/// there.</summary>
internal static class DurableWrite
{
    public static void To(string file, ReadOnlySpan<byte> content)
    {
        string beside = file + ".new";
        using (FileStream stream = new(beside, FileMode.Create, FileAccess.Write))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, file, overwrite: true);
    }
}
