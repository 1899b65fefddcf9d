namespace VMSeed.Testing;

/// <summary>Skips a test where what it needs is not on this machine, and says what.</summary>
public static class Need
{
    /// <summary>Finds a program.</summary>
    /// <returns>Its full path.</returns>
    public static string Tool(string name)
    {
        string search = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        string? found = search.Split(':')
            .Select(folder => Path.Join(folder, name))
            .FirstOrDefault(File.Exists);
        Xunit.Assert.SkipWhen(found is null, $"{name} is not installed.");
        return found!;
    }
}
