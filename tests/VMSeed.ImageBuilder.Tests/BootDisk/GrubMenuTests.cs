using VMSeed.ImageBuilder.BootDisk;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.ImageBuilder.Tests.BootDisk;

/// <summary>Menus, as GRUB's own checker reads them.</summary>
public sealed class GrubMenuTests
{
    private static readonly Guid _disk = new("0b8e7a3c-4f5d-4c7a-9d55-0123456789ab");

    private static readonly MenuImage _debian = new("debian", "net.ifnames=0");
    private static readonly MenuImage _hostile = new("other", "a'b ; halt } \"$x");

    [Fact]
    public async Task A_menu_is_a_script_that_GRUB_can_read()
    {
        GrubMenu menu = new(_disk, TimeSpan.FromSeconds(3), "dhcp");
        foreach (IReadOnlyList<MenuImage> images in
            (IReadOnlyList<MenuImage>[])[[_debian], [_debian, _hostile]])
        {
            using TempFolder folder = new();
            string path = folder["grub.cfg"];
            await File.WriteAllTextAsync(
                path, menu.Write(images), TestContext.Current.CancellationToken);
            await PeerProgram.OutputAsync("grub-script-check", path);
        }
    }

    [Theory]
    [InlineData("boot")]
    [InlineData("clean")]
    [InlineData("reset")]
    [InlineData("prefetch")]
    [InlineData("memory")]
    [InlineData("update")]
    public void Every_mode_has_an_entry(string mode)
    {
        string text = new GrubMenu(_disk, TimeSpan.FromSeconds(3), "dhcp").Write([_debian]);
        Assert.Contains(
            $"linux /vmseed/debian/vmlinuz vmseed.disk={_disk} vmseed.image=debian "
            + $"vmseed.mode={mode} console=tty0 console=ttyS0,115200 loglevel=4 "
            + "no_timer_check net.ifnames=0\n",
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_its_own_is_on_the_command_line() =>
        Assert.Contains(
            " vmseed.net=10.0.0.5/24,10.0.0.1,10.0.0.1 ",
            new GrubMenu(_disk, TimeSpan.Zero, "10.0.0.5/24,10.0.0.1,10.0.0.1").Write([_debian]),
            StringComparison.Ordinal);

    [Fact]
    public void Several_images_have_an_entry_each_and_the_last_choice_is_kept()
    {
        string text = new GrubMenu(_disk, TimeSpan.Zero, "dhcp").Write([_debian, _hostile]);
        Assert.Contains(
            "menuentry 'debian' --id 'debian' --hotkey=1", text, StringComparison.Ordinal);
        Assert.Contains(
            "menuentry 'other' --id 'other' --hotkey=2", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("save_env vmseed_image").Length - 1);
    }

    [Fact]
    public void The_menus_memory_is_what_grub_editenv_makes() =>
        Assert.Equal(1024, GrubMenu.EmptyEnvironment().Length);
}
