using VMSeed.Guest.Booting.Changes;
using VMSeed.Guest.Consoles;
using VMSeed.Guest.Settings;
using VMSeed.Testing;

namespace VMSeed.Guest.Tests.Booting;

/// <summary>Whether somebody has changed something, and which version boots for it.</summary>
public sealed class PersonalChangesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private ImageChanges Changes => new("debian", _folder.Root);

    [Theory]
    [InlineData("etc/machine-id")]
    [InlineData("etc/ssh/ssh_host_rsa_key.pub")]
    [InlineData("var/log/journal/1/system.journal")]
    [InlineData("var/lib/systemd/random-seed")]
    public void What_a_boot_leaves_is_nobodys(string path)
    {
        Add(path);
        Assert.Null(PersonalChanges.FindFirst(Changes.Upper));
    }

    [Theory]
    [InlineData("home/me/letter")]
    [InlineData("etc/hostname.old")]
    [InlineData("etc/ssh/sshd_config")]
    [InlineData("var/logs/x")]
    [InlineData("var/lib/dpkg/status")]
    public void What_is_beside_is_somebodys(string path)
    {
        Add("etc/machine-id");
        Add(path);
        Assert.Equal("/" + path, PersonalChanges.FindFirst(Changes.Upper));
    }

    [Fact]
    public void Folders_alone_are_nothing()
    {
        Directory.CreateDirectory(Path.Join(Changes.Upper, "home/me"));
        Assert.Null(PersonalChanges.FindFirst(Changes.Upper));
    }

    [Fact]
    public void A_link_counts_and_is_not_followed()
    {
        Directory.CreateDirectory(Path.Join(Changes.Upper, "srv"));
        File.CreateSymbolicLink(Path.Join(Changes.Upper, "srv/all"), "/");
        Assert.Equal("/srv/all", PersonalChanges.FindFirst(Changes.Upper));
    }

    [Fact]
    public void Nothing_there_is_nothing_changed() =>
        Assert.Null(PersonalChanges.FindFirst(Changes.Upper));

    [Fact]
    public void With_changes_their_own_version_boots()
    {
        Base("seven");
        Add("home/me/letter");
        Assert.Equal(Changes.BaseHead, Choose(BootMode.Boot));
        Assert.Equal(Changes.BaseHead, Choose(BootMode.Prefetch));
    }

    [Fact]
    public void Without_changes_the_newest_boots()
    {
        Base("seven");
        Add("var/log/syslog");
        Assert.Null(Choose(BootMode.Boot));
    }

    [Fact]
    public void An_update_boots_the_newest_whatever_there_is()
    {
        Base("seven");
        Add("home/me/letter");
        Assert.Null(Choose(BootMode.Update));
        Assert.Null(VersionChoice.FindPinned(null, BootMode.Clean, new GuestConsole()));
    }

    [Fact]
    public void A_reset_leaves_nothing_and_goes_on_where_it_was_cut()
    {
        Base("seven");
        Add("home/me/letter");
        File.Delete(Changes.BaseHead); // What a reset does first.
        Changes.DeleteRest();
        Assert.False(Directory.Exists(Changes.Upper));
        Changes.Delete();
    }

    [Fact]
    public void A_base_is_written_once_and_replaced_whole()
    {
        Base("seven");
        DateTime before = File.GetLastWriteTimeUtc(Changes.BaseHead);
        Base("seven");
        Assert.Equal(before, File.GetLastWriteTimeUtc(Changes.BaseHead));
        Base("eight");
        Assert.Equal("eight", File.ReadAllText(Changes.BaseHead));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Changes.BaseHead)!));
    }

    public void Dispose() => _folder.Dispose();

    private string? Choose(BootMode mode) =>
        VersionChoice.FindPinned(Changes, mode, new GuestConsole());

    private void Add(string path) => _folder.Write(
        Path.GetRelativePath(_folder.Root, Path.Join(Changes.Upper, path)), [1]);

    private void Base(string content)
    {
        _folder.Write("head", System.Text.Encoding.ASCII.GetBytes(content));
        Changes.Base(_folder["head"]);
    }
}
