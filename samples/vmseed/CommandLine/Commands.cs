using System.CommandLine;
using System.CommandLine.Help;
using VMSeed.Tool.Verbs;
using VMSeed.Tool.Verbs.Disks;
using VMSeed.Tool.Verbs.Overlays;
using VMSeed.Tool.Verbs.Seeds;

namespace VMSeed.Tool.CommandLine;

/// <summary>The verbs, in the order in which a newcomer meets them.</summary>
internal static class Commands
{
    public static RootCommand CreateRoot()
    {
        RootCommand root = new(
            "Publishes disk images on any web server, and reads them lazily and verified.")
        {
            new KeygenVerb(),
            new PackVerb(),
            new ServeVerb(),
            new InfoVerb(),
            new MountVerb(),
            new NbdVerb(),
            new RunVerb(),
            new SeedVerb(),
            new VerifyVerb(),
            new ReadVerb(),
            new ConvertVerb(),
            new DiskVerbs(),
            new OverlayVerbs(),
            new SignVerb(),
            new GcVerb(),
            new SyncVerb(),
            new MirrorsVerb(),
            new CacheVerb(),
            SharedOptions.Verbose,
        };
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            // The option is inherited by every verb.
            help.Action = new HelpWithExitCodes((HelpAction)help.Action!);
        }

        return root;
    }
}
