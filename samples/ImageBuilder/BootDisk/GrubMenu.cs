using System.Globalization;
using System.Text;
using static VMSeed.ImageBuilder.BootDisk.GrubText;

namespace VMSeed.ImageBuilder.BootDisk;

// Every entry has a key of its own, so that a choice can be made over a serial line without seeing
// the screen. GRUB itself has taken e (edit) and c (command line).

/// <summary>The boot menu, as GRUB's script.</summary>
/// <param name="diskId">The seed's identifier.</param>
/// <param name="timeout">How long the menu waits.</param>
/// <param name="network">The guest's network: <c>dhcp</c>, or what docs/SEED-DISK.md, section 4,
/// has.</param>
internal sealed class GrubMenu(Guid diskId, TimeSpan timeout, string network)
{
    // What the guest does unasked (docs/SEED-DISK.md, section 4).
    private const string Dhcp = "dhcp";

    /// <summary>The file that GRUB keeps its variables in; it must have this size and lie in one
    /// piece.</summary>
    public static byte[] EmptyEnvironment() =>
        Encoding.ASCII.GetBytes("# GRUB Environment Block\n".PadRight(1024, '#'));

    /// <summary>Writes the menu.</summary>
    /// <param name="images">The images, the default first.</param>
    public string Write(IReadOnlyList<MenuImage> images)
    {
        StringBuilder text = new();
        WriteStart(text, images.Count > 1);
        if (images.Count == 1)
        {
            WriteBoot(text, images[0], "b", remembers: false);
            WriteOthers(text, images[0]);
        }
        else
        {
            for (int i = 0; i < images.Count; i++)
            {
                WriteBoot(
                    text,
                    images[i],
                    (i + 1).ToString(CultureInfo.InvariantCulture),
                    remembers: true);
                text.Append("submenu ").Append(Quote($"{images[i].Name}: other ways to start"))
                    .Append(" {\n");
                WriteOthers(text, images[i]);
                text.Append("}\n");
            }
        }

        text.Append("menuentry 'Power off' --hotkey=o { halt }\n");
        return text.ToString();
    }

    private void WriteStart(StringBuilder text, bool several)
    {
        // The firmware of a PC shows nothing on a serial line; that of UEFI does, where it is told
        // to, and GRUB must not say everything twice.
        text.Append("""
            # Made by 'vmseed seed'.
            if [ "$grub_platform" = pc ]; then
              if serial --unit=0 --speed=115200; then
                terminal_input console serial
                terminal_output console serial
              fi
            fi

            """);
        text.Append(CultureInfo.InvariantCulture, $"set timeout={(int)timeout.TotalSeconds}\n");
        text.Append("set timeout_style=menu\nset default=0\n");
        if (several)
        {
            text.Append("""
                if load_env vmseed_image; then
                  if [ -n "$vmseed_image" ]; then set default="$vmseed_image"; fi
                fi

                """);
        }
    }

    private void WriteBoot(StringBuilder text, MenuImage image, string key, bool remembers)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"menuentry {Quote(image.Name)} --id {Quote(image.Name)} --hotkey={key} {{\n");
        if (remembers)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"""
                  if [ "$vmseed_image" != {Quote(image.Name)} ]; then
                    set vmseed_image={Quote(image.Name)}
                    save_env vmseed_image
                  fi

                """);
        }

        WriteKernel(text, image, "boot");
        text.Append("}\n");
    }

    private void WriteOthers(StringBuilder text, MenuImage image)
    {
        WriteEntry(text, image, "without my changes", 'w', "clean");
        WriteQuestion(
            text,
            image,
            ("reset my changes", 'r'),
            "Yes, delete everything that I have changed",
            "reset");
        WriteEntry(text, image, "fetch everything now, for use without a network", 'p', "prefetch");
        WriteEntry(text, image, "in memory only, this disk stays as it is", 'm', "memory");
        WriteQuestion(
            text,
            image,
            ("update to the newest version", 'u'),
            "Yes, and lay my changes over the newest version",
            "update");
    }

    private void WriteEntry(
        StringBuilder text, MenuImage image, string title, char key, string mode)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"menuentry {Quote($"{image.Name}: {title}")} --hotkey={key} {{\n");
        WriteKernel(text, image, mode);
        text.Append("}\n");
    }

    // The first line is what stands under the cursor: an Enter too many does no harm.
    private void WriteQuestion(
        StringBuilder text,
        MenuImage image,
        (string Title, char Key) entry,
        string yes,
        string mode)
    {
        string title = Quote($"{image.Name}: {entry.Title}...");
        text.Append(
            CultureInfo.InvariantCulture,
            $$"""
            submenu {{title}} --hotkey={{entry.Key}} {
            set default=0
            menuentry 'No, go back' --hotkey=n { configfile $prefix/grub.cfg }
            menuentry {{Quote(yes)}} --hotkey=y {

            """);
        WriteKernel(text, image, mode);
        text.Append("}\n}\n");
    }

    private void WriteKernel(StringBuilder text, MenuImage image, string mode)
    {
        string folder = $"/vmseed/{image.Name}";
        List<string> words =
        [
            $"vmseed.disk={diskId}", $"vmseed.image={image.Name}", $"vmseed.mode={mode}",
            "console=tty0", "console=ttyS0,115200", "loglevel=4", "no_timer_check",
        ];
        if (network != Dhcp)
        {
            words.Insert(3, $"vmseed.net={network}");
        }

        string line = QuoteWords(string.Join(' ', [.. words, image.Arguments]));
        text.Append(
            CultureInfo.InvariantCulture,
            $"""
              echo 'Starting {image.Name} ({mode})...'
              linux {folder}/vmlinuz {line}
              initrd /vmseed/client.img /vmseed/config.img {folder}/modules.img

            """);
    }
}
