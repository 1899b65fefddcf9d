using VMSeed.Guest.Consoles;
using VMSeed.Guest.Settings;

namespace VMSeed.Guest.Booting.Changes;

/// <summary>Which version boots: the newest, unless somebody's changes were made on
/// another.</summary>
internal static class VersionChoice
{
    /// <summary>Finds the head that the boot is held to.</summary>
    /// <param name="changes">The changes; null where there are none in this boot.</param>
    /// <param name="mode">What the menu says.</param>
    /// <param name="console">Hears why.</param>
    /// <returns>The head's file; null for the newest version.</returns>
    public static string? FindPinned(ImageChanges? changes, BootMode mode, GuestConsole console)
    {
        if (changes is null || !File.Exists(changes.BaseHead)) { return null; }

        string? personal = PersonalChanges.FindFirst(changes.Upper);
        if (personal is null) { return null; }

        if (mode == BootMode.Update)
        {
            console.Say($"update: the changes (such as {personal}) are laid over the newest "
                + "version; files that are among them stay as they are");
            return null;
        }

        return changes.BaseHead;
    }
}
