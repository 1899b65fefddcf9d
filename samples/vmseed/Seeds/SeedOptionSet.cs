using System.CommandLine;
using System.Globalization;
using VMSeed.ImageBuilder.Partitions;
using VMSeed.ImageBuilder.Seeds;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Seeds;

/// <summary>What kind of seed is made.</summary>
internal sealed class SeedOptionSet
{
    // https://reproducible-builds.org/specs/source-date-epoch
    private const string EpochVariable = "SOURCE_DATE_EPOCH";

    private readonly Option<string[]> _images = new("--image")
    {
        Description = "One more image, with an entry of its own in the menu. Repeatable.",
        HelpName = "ADDRESS",
    };

    private readonly Option<Uri?> _root = AddressOption(
        "--url",
        "Where guests find the repository: the address of its root. [default: where it is now]");

    private readonly Option<string?> _client = new("--client")
    {
        Description = "The guest client. [default: vmseed-guest, beside this tool]",
        HelpName = "FILE",
    };

    private readonly Option<long?> _size = Quantities.Size(
        "--size",
        "The disk's virtual size, 1G to 2040G, made a little less so that every product sees the "
        + "same. [default: 32G]");

    private readonly Option<TimeSpan?> _wait = Quantities.Time(
        "--menu-timeout", "How long the menu waits. [default: 3s]");

    private readonly Option<string> _network = new("--net")
    {
        Description = "The guest's network: dhcp, none, or ADDRESS/PREFIX,GATEWAY,DNS[,DNS].",
        HelpName = "NETWORK",
        DefaultValueFactory = _ => SeedNetwork.Dhcp,
    };

    private readonly Option<Uri?> _proxy = AddressOption(
        "--proxy", "The proxy that the guest asks through.");

    private readonly Option<string?> _grub = new("--grub")
    {
        Description = "The folder of GRUB's modules. [default: /usr/lib/grub]",
        HelpName = "DIR",
    };

    private readonly Option<string?> _warm = new("--warm")
    {
        Description = "What a boot of the first image reads, as 'vmseed run --record FILE' writes "
            + "it: these blocks are on the disk from the beginning.",
        HelpName = "FILE",
    };

    private readonly Option<Guid?> _disk = new("--disk-id")
    {
        Description = "The disk's identifier, for a build that can be repeated; the moment is that "
            + $"of {EpochVariable}. [default: a new one]",
        HelpName = "GUID",
    };

    public void AddTo(Command command)
    {
        command.Add(_images);
        command.Add(_root);
        command.Add(_client);
        command.Add(_size);
        command.Add(_wait);
        command.Add(_network);
        command.Add(_proxy);
        command.Add(_grub);
        command.Add(_warm);
        command.Add(_disk);
    }

    public string[] ImagesOf(ParseResult line) => line.GetValue(_images) ?? [];

    public string? WarmOf(ParseResult line) => line.GetValue(_warm);

    public Uri? RootOf(ParseResult line) => line.GetValue(_root);

    public SeedOptions Build(ParseResult line, IReadOnlyList<SeedImage> images)
    {
        SeedOptions defaults = new()
        {
            Images = images,
            Client = line.GetValue(_client)
                ?? Path.Join(AppContext.BaseDirectory, "vmseed-guest"),
        };
        return defaults with
        {
            Size = line.GetValue(_size) ?? SeedSize.Default,
            MenuTimeout = line.GetValue(_wait) ?? defaults.MenuTimeout,
            Network = line.GetRequiredValue(_network),
            Proxy = line.GetValue(_proxy),
            GrubModules = line.GetValue(_grub) ?? defaults.GrubModules,
            DiskId = line.GetValue(_disk) ?? defaults.DiskId,
            Created = ReadEpoch() ?? defaults.Created,
        };
    }

    private static DateTimeOffset? ReadEpoch()
    {
        string? text = Environment.GetEnvironmentVariable(EpochVariable);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return long.TryParse(
            text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new ToolException(
                ExitCode.Usage, $"{EpochVariable} is '{text}', which is no number of seconds.");
    }

    private static Option<Uri?> AddressOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "URL",
        CustomParser = result =>
        {
            string text = result.Tokens[^1].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out Uri? address)
                && (address.Scheme is "http" or "https"))
            {
                return address;
            }

            result.AddError($"'{text}' for {name} is no http or https address.");
            return null;
        },
    };
}
