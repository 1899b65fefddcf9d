namespace VMSeed.Gslb.Mirrors.Lists;

/// <summary>Makes mirrors of a repository of the places that one of its files has.</summary>
public static class MirrorRoots
{
    /// <summary>Takes the file's path off each address.</summary>
    /// <param name="addresses">Where the file is.</param>
    /// <param name="path">The file's path in the repository, escaped, such as
    /// <c>images/debian.vmseed</c>.</param>
    /// <returns>Roots, with a slash at their end, each once and in the same order; an address that
    /// ends otherwise or has a query is left out: of what is around the file there, it says
    /// nothing. One that ends in a slash is taken for a root itself.</returns>
    public static IReadOnlyList<Mirror> Of(IEnumerable<Mirror> addresses, string path)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentException.ThrowIfNullOrEmpty(path);
        List<Mirror> roots = [];
        foreach (Mirror mirror in addresses)
        {
            Uri address = mirror.Address;
            string full = address.AbsolutePath;
            bool isRoot = full.EndsWith('/');
            bool isFile = full.EndsWith("/" + path, StringComparison.Ordinal);
            if (address.Query.Length == 0 && (isRoot || isFile))
            {
                string root = isRoot ? full : full[..^path.Length];
                Uri place = new(address.GetLeftPart(UriPartial.Authority) + root);
                if (!roots.Exists(known => known.Address == place))
                {
                    roots.Add(mirror with { Address = place });
                }
            }
        }

        return roots;
    }
}
