namespace VMSeed.Guest.Booting.Changes;

/// <summary>What the changes partition holds for one image (docs/SEED-DISK.md, section
/// 5).</summary>
internal sealed class ImageChanges(string image, string partition = ChangesPartition.Folder)
{
    /// <summary>What a reader remembers; shared by all images.</summary>
    public string State => Path.Join(partition, "state");

    /// <summary>The signed head of the version that the changes were made on.</summary>
    public string BaseHead => Path.Join(Home, "base.vmseed");

    /// <summary>overlayfs's upper folder.</summary>
    public string Upper => Path.Join(Home, "upper");

    /// <summary>overlayfs's own folder, in the same file system.</summary>
    public string Work => Path.Join(Home, "work");

    private string Home => Path.Join(partition, "images", image);

    /// <summary>Makes the folders where they are missing.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(Upper);
        Directory.CreateDirectory(Work);
    }

    /// <summary>Says which version the changes are made on; before the first of them.</summary>
    /// <param name="head">The file of its signed head.</param>
    public void Base(string head)
    {
        Directory.CreateDirectory(Home);
        byte[] content = File.ReadAllBytes(head);
        if (!File.Exists(BaseHead)
            || !File.ReadAllBytes(BaseHead).AsSpan().SequenceEqual(content))
        {
            DurableWrite.To(BaseHead, content);
        }
    }

    /// <summary>Deletes what was changed, and what it was based on.</summary>
    public void Delete()
    {
        // The base first: what is cut short here is gone on with at the next boot.
        if (!Directory.Exists(Home)) { return; }

        File.Delete(BaseHead);
        TreeRemoval.Remove(Home);
    }

    /// <summary>Deletes what is based on nothing: a deletion was cut short.</summary>
    public void DeleteRest()
    {
        if (!File.Exists(BaseHead)) { Delete(); }
    }
}
