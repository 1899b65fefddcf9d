namespace VMSeed.Guest.Storage;

/// <summary>What process 1 tells the storage daemon, as its command line.</summary>
internal sealed record StorageOptions
{
    /// <summary>The image's name in the seed.</summary>
    public required string Image { get; init; }

    /// <summary>The folder in which what must be remembered is kept.</summary>
    public required string State { get; init; }

    /// <summary>The device of the cache; null for none.</summary>
    public string? Cache { get; init; }

    /// <summary>The file of a signed head that is to be used; null for the newest.</summary>
    public string? Head { get; init; }

    public string? Proxy { get; init; }

    /// <summary>The device that the disk is attached to.</summary>
    public string Device { get; init; } = "/dev/nbd0";

    /// <summary>Whether nobody can answer, as there is no network.</summary>
    public bool IsOffline { get; init; }

    public static StorageOptions Parse(IReadOnlyList<string> arguments)
    {
        Dictionary<string, string> values = arguments
            .Select(argument => argument.Split('=', 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1]);
        return new StorageOptions
        {
            Image = values["--image"],
            State = values["--state"],
            Cache = values.GetValueOrDefault("--cache"),
            Head = values.GetValueOrDefault("--head"),
            Proxy = values.GetValueOrDefault("--proxy"),
            Device = values.GetValueOrDefault("--device", "/dev/nbd0"),
            IsOffline = values.ContainsKey("--offline"),
        };
    }

    /// <summary>The command line that <see cref="Parse"/> reads.</summary>
    public IReadOnlyList<string> ToArguments()
    {
        List<string> arguments = [$"--image={Image}", $"--state={State}", $"--device={Device}"];
        if (Cache is not null) { arguments.Add($"--cache={Cache}"); }

        if (Head is not null) { arguments.Add($"--head={Head}"); }

        if (Proxy is not null) { arguments.Add($"--proxy={Proxy}"); }

        if (IsOffline) { arguments.Add("--offline=yes"); }

        return arguments;
    }
}
