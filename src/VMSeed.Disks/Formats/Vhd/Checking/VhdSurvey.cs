using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd.Checking;

/// <summary>Walks the whole table: what of the file is in use, and by whom.</summary>
internal static class VhdSurvey
{
    /// <summary>Every area of the file that is in use, in the order of the file.</summary>
    /// <exception cref="DiskFormatException">The table names more blocks than the file has room
    /// for.</exception>
    public static async ValueTask<List<VhdArea>> AreasAsync(
        BlockDevice file,
        VhdFooter footer,
        VhdHeader header,
        TablePages tables,
        CancellationToken cancellationToken)
    {
        List<VhdArea> areas = [.. Structures(footer, header, file.Length)];
        long stride = header.Stride;
        long most = areas.Count + (file.Length / stride);
        long count = FileTail.Align(footer.DiskSize, header.BlockSize) / header.BlockSize;
        for (long block = 0; block < count;)
        {
            long at = header.TableOffset + (block * sizeof(uint));
            TablePage page = await tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
            long end = block + ((page.Offset + TablePage.Size - at) / sizeof(uint));
            end = Math.Min(count, end);
            for (int entry = (int)(at - page.Offset); block < end; entry += sizeof(uint), block++)
            {
                uint sector = page.ReadUInt32BigEndian(entry);
                if (sector != AbsentEntry)
                {
                    areas.Add(new VhdArea((long)sector * SectorSize, stride, block));
                }
            }

            if (areas.Count > most)
            {
                throw DiskFormatException.Corrupt(
                    $"The VHD's table names more blocks than the {most} that its file has room "
                    + "for.");
            }
        }

        areas.Sort((one, other) => one.Offset.CompareTo(other.Offset));
        return areas;
    }

    /// <summary>What is wrong with areas: those that overlap, and those that end behind the
    /// file.</summary>
    public static IEnumerable<string> Faults(IReadOnlyList<VhdArea> areas, long fileLength)
    {
        VhdArea before = default;
        foreach (VhdArea area in areas)
        {
            if (area.Offset < before.End)
            {
                yield return $"At {area.Offset} begins {area.Name}, within {before.Name}, which "
                    + $"ends at {before.End}.";
            }

            if (area.End > fileLength)
            {
                yield return $"At {area.Offset} begins {area.Name}, and ends at {area.End}, behind "
                    + $"the {fileLength} bytes of the file.";
            }

            before = area.End > before.End ? area : before;
        }
    }

    /// <summary>Room between areas that a block with its bitmap would fit in: where each
    /// begins, and how long it is.</summary>
    /// <remarks>Not that behind the table, which it may need to grow.</remarks>
    public static IEnumerable<(long Offset, long Length)> Gaps(
        IReadOnlyList<VhdArea> areas, long stride)
    {
        for (int i = 1; i < areas.Count; i++)
        {
            long start = FileTail.Align(areas[i - 1].End, SectorSize);
            if (areas[i - 1].Block != VhdArea.Table && areas[i].Offset - start >= stride)
            {
                yield return (start, areas[i].Offset - start);
            }
        }
    }

    /// <summary>The first byte after everything that is in use.</summary>
    public static long End(IReadOnlyList<VhdArea> areas) => areas.Max(area => area.End);

    private static IEnumerable<VhdArea> Structures(
        VhdFooter footer, VhdHeader header, long fileLength)
    {
        yield return new VhdArea(0, FooterLength, VhdArea.Copy);
        yield return new VhdArea(footer.HeaderOffset, HeaderLength, VhdArea.Header);
        long table = FileTail.Align(header.EntryCount * sizeof(uint), SectorSize);
        yield return new VhdArea(
            header.TableOffset, Math.Min(table, fileLength - header.TableOffset), VhdArea.Table);
        for (int i = 0; i < VhdLocator.Count; i++)
        {
            VhdLocator locator = header.Locator(i);
            if (footer.Type == Differencing && locator.IsWithin(fileLength))
            {
                yield return new VhdArea(locator.Offset, locator.Length, VhdArea.ParentName);
            }
        }
    }
}
