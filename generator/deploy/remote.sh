# What is done on the machine of the site, handed to `sh` over ssh: $1 what to do, $2 where the site stands, $3 a number.
# Beside `payer` stands `.payer.relance`, as on this machine (see shelf.py): builds, lists of what they hold, and what is half made.
# What begins with "relance:" is read; a host may greet with other lines.
set -eu
LC_ALL=C
export LC_ALL
umask 022
echo relance:shell
path=$2
number=$3
name=${path##*/}
case $path in */*) parent=${path%/*} ;; *) parent=. ;; esac
[ -n "$parent" ] || parent=/
shelf=$parent/.$name.relance

discard() {
    rm -rf -- "$shelf/gone"
    mv -f -- "$1" "$shelf/gone"
    rm -rf -- "$shelf/gone"
}

# The build that stands there; 0 for none of ours.
current() {
    if [ -L "$path" ]; then
        led=$(readlink -- "$path")
        case $led in
            ".$name.relance/builds/"*[!0-9]*) ;;
            ".$name.relance/builds/"*) [ ! -d "$path" ] || { echo "${led##*/}"; return; } ;;
        esac
    elif [ -d "$path" ] && [ -n "$(ls -A -- "$path")" ] && [ -f "$shelf/current" ]; then
        cat -- "$shelf/current"
        return
    fi
    echo 0
}

remember() {
    echo "$1" > "$shelf/current.new"
    mv -f -- "$shelf/current.new" "$shelf/current"
}

# Ends what an interrupted run began: `coming` says that the new site was whole, and which number it and the last one have.
settle() {
    if [ -f "$shelf/coming" ]; then
        read -r next last < "$shelf/coming"
        if [ -d "$shelf/new" ] && [ ! -e "$path" ] && [ ! -L "$path" ]; then
            mv -- "$shelf/new" "$path"
        fi
        [ -d "$shelf/new" ] || remember "$next"
        rm -f -- "$shelf/coming"
    fi
    rm -rf -- "$shelf/new" "$shelf/gone" "$shelf/link"
    now=$(current)
    for build in "$shelf"/builds/*; do
        [ ! -d "$build" ] || [ "$now" -eq 0 ] || [ "${build##*/}" -le "$now" ] || discard "$build"
    done
}

places() {
    (cd -- "$1" && find . ! -type d | sort)
}

# Somebody else's files are never replaced: the first of them is told.
refuse_foreign() {
    now=$(current)
    if [ "$now" -eq 0 ]; then
        if [ -e "$path" ] && { [ ! -d "$path" ] || [ -n "$(ls -A -- "$path")" ]; }; then
            echo relance:foreign
            exit 0
        fi
        return
    fi
    places "$path/" > "$shelf/lists/there"
    foreign=$(comm -23 -- "$shelf/lists/there" "$shelf/lists/$now" | head -n 1)
    rm -f -- "$shelf/lists/there"
    if [ -n "$foreign" ]; then
        echo "relance:foreign $foreign"
        exit 0
    fi
}

open_shelf() {
    mkdir -p -- "$shelf/builds" "$shelf/lists"
    chmod 700 -- "$shelf/lists"
    if [ -L "$path" ]; then chmod 711 -- "$shelf" "$shelf/builds"; else chmod 700 -- "$shelf" "$shelf/builds"; fi
    [ -f "$shelf/.htaccess" ] || echo 'Require all denied' > "$shelf/.htaccess"
    settle
    refuse_foreign
}

# The site in `new` takes the place of the one that stands there. $1: the build that it puts back, or 0; $2: how many files differ.
take() {
    now=$(current)
    places "$shelf/new" > "$shelf/lists/there"
    if [ "$2" -eq 0 ] && [ "$now" -ne 0 ] && cmp -s -- "$shelf/lists/there" "$shelf/lists/$now"; then
        rm -rf -- "$shelf/new" "$shelf/lists/there"
        echo relance:removed 0
        return
    fi
    most=$now
    for list in "$shelf"/lists/*; do
        one=${list##*/}
        case $one in *[!0-9]*) ;; *) [ "$one" -le "$most" ] || most=$one ;; esac
    done
    next=$((most + 1))
    mv -f -- "$shelf/lists/there" "$shelf/lists/$next"
    date -u +%s > "$shelf/lists/$next.came"
    echo "$1" > "$shelf/lists/$next.back"
    removed=0
    [ "$now" -eq 0 ] || removed=$(comm -23 -- "$shelf/lists/$now" "$shelf/lists/$next" | wc -l)
    if [ -L "$path" ]; then
        mv -- "$shelf/new" "$shelf/builds/$next"
        ln -s -- ".$name.relance/builds/$next" "$shelf/link"
        mv -fT -- "$shelf/link" "$path" 2> /dev/null || mv -fh "$shelf/link" "$path"
    else
        echo "$next $now" > "$shelf/coming.new"
        mv -f -- "$shelf/coming.new" "$shelf/coming"
        if [ "$now" -ne 0 ]; then mv -- "$path" "$shelf/builds/$now"; elif [ -d "$path" ]; then rmdir -- "$path"; fi
        mv -- "$shelf/new" "$path"
    fi
    remember "$next"
    rm -f -- "$shelf/coming"
    echo "relance:removed $((removed))"
}

# Keeps so many earlier builds, and of none of them a page that is not there any more: what is gone stays gone.
tidy() {
    now=$(current)
    count=0
    for build in "$shelf"/builds/*; do
        [ ! -d "$build" ] || [ "${build##*/}" = "$now" ] || count=$((count + 1))
    done
    ls -- "$shelf/builds" | sort -n | while read -r one; do
        [ "$one" != "$now" ] || continue
        [ "$count" -gt "$number" ] || break
        discard "$shelf/builds/$one"
        count=$((count - 1))
    done
    for page in "$shelf"/builds/*/p/*; do
        [ ! -d "$page" ] || [ -d "$path/p/${page##*/}" ] || discard "$page"
    done
    for list in "$shelf"/lists/*; do
        one=${list##*/}
        one=${one%%.*}
        [ "$one" = "$now" ] || [ -d "$shelf/builds/$one" ] || rm -f -- "$list"
    done
}

copy() {
    cp -Rpl -- "$1" "$2" 2> /dev/null || { rm -rf -- "$2"; cp -Rp -- "$1" "$2"; }
}

# Puts build $1 back, with pages of the keys in `keys` only; a page that it lacks stays as it is.
put_back() {
    copy "$shelf/builds/$1" "$shelf/new"
    chmod 755 -- "$shelf/new"
    mkdir -p -- "$shelf/new/p"
    ls -- "$shelf/new/p" | sort | comm -23 - "$shelf/lists/keys" | while read -r key; do rm -rf -- "$shelf/new/p/$key"; done
    [ ! -d "$path/p" ] || ls -- "$path/p" | sort | comm -12 - "$shelf/lists/keys" | while read -r key; do
        [ -d "$shelf/new/p/$key" ] || copy "$path/p/$key" "$shelf/new/p/$key"
    done
    changed=0
    total=0
    places "$shelf/new" > "$shelf/lists/there"
    while read -r place; do
        total=$((total + 1))
        cmp -s -- "$shelf/new/$place" "$path/$place" || changed=$((changed + 1))
    done < "$shelf/lists/there"
    rm -f -- "$shelf/lists/there" "$shelf/lists/keys"
    echo "relance:changed $changed $total"
}

case $1 in
    open)
        open_shelf
        echo "relance:current $(current)"
        ;;
    take) take 0 "$number" ;;
    tidy) tidy ;;
    earlier)
        now=$(current)
        echo "relance:current $now"
        back=$(cat -- "$shelf/lists/$now.back" 2> /dev/null || echo 0)
        echo "relance:back $back"
        for build in "$shelf"/builds/*; do
            one=${build##*/}
            [ -d "$build" ] && [ "$one" != "$now" ] && [ -f "$shelf/lists/$one.came" ] || continue
            pages=0
            [ ! -d "$build/p" ] || pages=$(ls -- "$build/p" | wc -l)
            echo "relance:build $one $(cat -- "$shelf/lists/$one.came") $((pages))"
        done
        ;;
    rollback)
        put_back "$number"
        take "$number" "$changed"
        ;;
esac
echo relance:done
